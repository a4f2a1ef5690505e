import Foundation
import Testing

@testable import Reporting

@Suite("What is asked at the control socket")
struct ControlRequestTests {
    @Test("all that a client may say arrives, and who it is does not")
    func roundTrip() throws {
        var request = ControlRequest(.top, vm: "web-1")
        request.step = "35%"
        request.over = "disk"
        request.seconds = 60
        request.reason = "ticket 4711"
        request.vms = ["web-1", "web-2"]
        request.signals = ["cpu.usage", "cpu.run_delay"]
        request.fileLimit = 1 << 20
        let said = request
        request.who = "alice"
        request.user = 0
        let read = try ControlRequest(line: [UInt8](JSONEncoder().encode(request)))
        #expect(read == said)
    }
}
