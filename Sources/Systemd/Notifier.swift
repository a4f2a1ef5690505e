internal import CSystemd
internal import Glibc

/// Tells the service manager how the daemon is (`sd_notify(3)`).
///
/// Every call is without effect where there is no service manager that asked to be told (`NOTIFY_SOCKET` is unset).
public struct Notifier: Sendable {
    /// A notifier.
    public init() {}

    /// Tells that start-up, or a reload, is complete.
    ///
    /// - Parameter status: One line that says how it is.
    /// - Returns: Whether a service manager was told.
    /// - Throws: `SystemdError` where it could not be.
    @discardableResult
    public func ready(status: String? = nil) throws(SystemdError) -> Bool {
        try send(["READY=1"] + Self.lines(status: status))
    }

    /// Tells how the daemon is, for `systemctl status`.
    ///
    /// - Parameter text: One line; characters that are not plain are written out.
    /// - Returns: Whether a service manager was told.
    /// - Throws: `SystemdError` where it could not be.
    @discardableResult
    public func status(_ text: String) throws(SystemdError) -> Bool {
        try send(Self.lines(status: text))
    }

    /// Tells that the configuration is being read again; ``ready(status:)`` follows when it is done.
    ///
    /// - Returns: Whether a service manager was told.
    /// - Throws: `SystemdError` where it could not be.
    @discardableResult
    public func reloading() throws(SystemdError) -> Bool {
        try send(["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds())"])
    }

    /// Tells that the daemon is about to end.
    ///
    /// - Parameter status: One line that says why.
    /// - Returns: Whether a service manager was told.
    /// - Throws: `SystemdError` where it could not be.
    @discardableResult
    public func stopping(status: String? = nil) throws(SystemdError) -> Bool {
        try send(["STOPPING=1"] + Self.lines(status: status))
    }

    /// Tells that the daemon is alive; due at least once in ``watchdogInterval``, better twice.
    ///
    /// - Returns: Whether a service manager was told.
    /// - Throws: `SystemdError` where it could not be.
    @discardableResult
    public func watchdog() throws(SystemdError) -> Bool {
        try send(["WATCHDOG=1"])
    }

    /// Within which time the service manager wants a sign of life; `nil` where it wants none.
    ///
    /// Read from `WATCHDOG_USEC` and `WATCHDOG_PID`. The corresponding C function is `sd_watchdog_enabled`.
    public var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        // SAFETY: the call writes one uint64_t through a pointer that is valid for its duration.
        let enabled = unsafe sd_watchdog_enabled(0, &microseconds)
        guard enabled > 0, microseconds > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    /// Sends assignments, one to a line.
    ///
    /// The corresponding C function is `sd_notify`.
    private func send(_ assignments: [String]) throws(SystemdError) -> Bool {
        let state = assignments.joined(separator: "\n")
        // SAFETY: Swift passes a NUL-terminated copy that lives for the duration of the call.
        let result = unsafe sd_notify(0, state)
        return try SystemdError.check("sd_notify", result) > 0
    }

    /// The assignment that sets the status; a line break in it would begin another assignment.
    static func lines(status: String?) -> [String] {
        status.map { ["STATUS=" + PlainText.line($0)] } ?? []
    }

    /// The clock that the service manager compares with: `CLOCK_MONOTONIC` in microseconds.
    private static func monotonicMicroseconds() -> UInt64 {
        var time = timespec()
        // SAFETY: the call writes one timespec through a pointer that is valid for its duration.
        guard unsafe clock_gettime(CLOCK_MONOTONIC, &time) == 0 else { return 0 }
        return UInt64(clamping: time.tv_sec) &* 1_000_000 &+ UInt64(clamping: time.tv_nsec) / 1_000
    }
}
