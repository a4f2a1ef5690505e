import Glibc
import Signals
import Systemd
import Testing

@testable import Reporting

@Suite("Alert sinks")
struct AlertSinkTests {
    @Test("A line is the time, the severity and the text")
    func line() throws {
        var ends: [Int32] = [0, 0]
        // SAFETY: pipe writes two descriptors into an array of two.
        #expect(unsafe pipe(&ends) == 0)
        let sink = LineSink(descriptor: ends[1]) { 1_772_323_199 }
        try sink.send(Alert(.victimOnset, .warning, "web-3 is hurt"))
        try sink.send(Alert(.daemonStopped, .info, "a\nb"))
        close(ends[1])
        var buffer = [UInt8](repeating: 0, count: 1_000)
        // SAFETY: read writes at most the count that it is given.
        let count = unsafe read(ends[0], &buffer, buffer.count)
        close(ends[0])
        #expect(
            String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
                == "2026-02-28T23:59:59Z warning web-3 is hurt\n2026-02-28T23:59:59Z info a\\u{a}b\n"
        )
    }

    @Test("A descriptor that is closed is an error")
    func closed() {
        let sink = LineSink(descriptor: -1) { 0 }
        #expect(throws: SystemdError(call: "write", number: EBADF)) { try sink.send(Alert(.daemonStopped, .info, "x")) }
    }

    @Test(
        "Seconds become dates across leap years and centuries",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"), (1_767_225_600, "2026-01-01T00:00:00Z"),
        ] as [(Int64, String)]
    )
    func dates(seconds: Int64, text: String) {
        #expect(UTCTime(seconds: seconds).description == text)
    }
}
