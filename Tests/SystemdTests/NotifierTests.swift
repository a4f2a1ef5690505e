import Glibc
import Testing

@testable import Systemd

/// A datagram socket in place of the service manager's, found through `NOTIFY_SOCKET` as a daemon finds it.
private final class ManagerSocket {
    let descriptor: Int32
    let path: String

    init?() {
        path = "/tmp/quell-notify-\(getpid()).sock"
        // SAFETY: plain descriptor call, checked below.
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // SAFETY: the path is copied within the bounds of sun_path, and bind reads one sockaddr_un.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { buffer in
            for (index, byte) in path.utf8.enumerated() where index < buffer.count - 1 { unsafe buffer[index] = byte }
        }
        unsafe unlink(path)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else {
            close(descriptor)
            return nil
        }
    }

    /// The next message, if one is there.
    func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        // SAFETY: recv writes at most the count that it is given.
        let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    deinit {
        close(descriptor)
        // SAFETY: Swift passes a NUL-terminated copy of the path.
        unsafe unlink(path)
    }
}

/// One test at a time: the environment belongs to the whole process.
@Suite("Service notifications", .serialized)
struct NotifierTests {
    @Test("Nothing is sent and nothing fails where no service manager asked")
    func unset() throws {
        // SAFETY: tests of this suite run one at a time and no other reads these variables.
        unsafe unsetenv("NOTIFY_SOCKET")
        unsafe unsetenv("WATCHDOG_USEC")
        let notifier = Notifier()
        #expect(try !notifier.ready())
        #expect(try !notifier.watchdog())
        #expect(notifier.watchdogInterval == nil)
    }

    @Test("Each state arrives at the manager's socket as the protocol has it")
    func messages() throws {
        let manager = try #require(ManagerSocket())
        // SAFETY: tests of this suite run one at a time and no other reads this variable.
        unsafe setenv("NOTIFY_SOCKET", manager.path, 1)
        defer { unsafe unsetenv("NOTIFY_SOCKET") }
        let notifier = Notifier()
        #expect(try notifier.ready(status: "12 VMs"))
        #expect(manager.receive() == "READY=1\nSTATUS=12 VMs")
        try notifier.status("held: x\nSTOPPING=1")
        #expect(manager.receive() == "STATUS=held: x\\u{a}STOPPING=1")
        try notifier.watchdog()
        #expect(manager.receive() == "WATCHDOG=1")
        try notifier.stopping()
        #expect(manager.receive() == "STOPPING=1")
        try notifier.reloading()
        let parts = try #require(manager.receive()).split(separator: "\n")
        #expect(parts.first == "RELOADING=1")
        let stamp = try #require(parts.last?.split(separator: "=").last.flatMap { UInt64($0) })
        #expect(stamp > 0)
        #expect(manager.receive() == nil)
    }

    @Test("The watchdog's interval is read, unless it is meant for another process")
    func watchdog() {
        // SAFETY: tests of this suite run one at a time and no other reads these variables.
        defer {
            unsafe unsetenv("WATCHDOG_USEC")
            unsafe unsetenv("WATCHDOG_PID")
        }
        unsafe setenv("WATCHDOG_USEC", "30000000", 1)
        #expect(Notifier().watchdogInterval == .seconds(30))
        unsafe setenv("WATCHDOG_PID", "1", 1)
        #expect(Notifier().watchdogInterval == nil)
        unsafe unsetenv("WATCHDOG_PID")
        unsafe setenv("WATCHDOG_USEC", "soon", 1)
        #expect(Notifier().watchdogInterval == nil)
    }

    @Test("A socket that nobody listens at is an error that names the call")
    func refused() {
        // SAFETY: tests of this suite run one at a time and no other reads this variable.
        unsafe setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1)
        defer { unsafe unsetenv("NOTIFY_SOCKET") }
        #expect(throws: SystemdError(call: "sd_notify", number: ENOENT)) { try Notifier().ready() }
    }
}
