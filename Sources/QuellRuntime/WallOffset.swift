import Foundation
import Signals
import Traces

/// How far the wall clock is ahead of the clock of ticks.
///
/// The hour of a tick is told from it, so that it can be recorded in few bytes and told again bit for bit. It follows the
/// wall clock where that is off by half a second or more, as after it was set.
struct WallOffset: Equatable, Sendable {
    /// Nanoseconds by which the wall clock may be off before the offset follows it.
    static let tolerance: Int64 = 500_000_000

    /// Nanoseconds since 1970 at boot, as far as the clock of ticks knows; `nil` where the hour is not known.
    private(set) var nanoseconds: Int64?

    /// An offset.
    ///
    /// - Parameter nanoseconds: Nanoseconds since 1970 at boot; `nil` where the hour is not known.
    init(nanoseconds: Int64? = nil) {
        self.nanoseconds = nanoseconds
    }

    /// The offset that a trace's facts tell: when the recording was begun, on both clocks; not known where they do not.
    ///
    /// - Parameter header: The trace's header.
    init(_ header: TraceHeader) {
        guard
            let started = header["started"].flatMap({ try? Date($0, strategy: .iso8601) }),
            let boot = header["started_boot_ns"].flatMap({ Int64($0) }),
            let seconds = Int64(exactly: started.timeIntervalSince1970.rounded()), seconds.magnitude < 9_000_000_000
        else { return }
        nanoseconds = seconds * 1_000_000_000 &- boot
    }

    /// Follows the wall clock where it is off.
    ///
    /// - Parameters:
    ///   - wall: Nanoseconds since 1970 on the wall clock.
    ///   - time: The same moment on the clock of ticks.
    /// - Returns: Whether the offset is another one now.
    @discardableResult
    mutating func note(_ wall: Int64, at time: MonotonicTime) -> Bool {
        let offset = wall &- Int64(clamping: time.nanoseconds)
        if let nanoseconds, (offset &- nanoseconds).magnitude < UInt64(Self.tolerance) { return false }
        nanoseconds = offset
        return true
    }

    /// The hour at a moment of the clock of ticks.
    ///
    /// - Parameter time: The moment.
    /// - Returns: Nanoseconds since 1970; `nil` where the hour is not known.
    func wall(at time: MonotonicTime) -> Int64? {
        nanoseconds.map { $0 &+ Int64(clamping: time.nanoseconds) }
    }
}
