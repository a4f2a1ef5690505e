import Enforcement
import Foundation
import Policy
import Reporting
import Signals
import Testing

@testable import QuellRuntime

@Suite("quell disarm and quell arm")
struct ControlSwitchTests {
    @Test("Disarmed, everybody is let go, nobody is held, and it outlives the daemon until it is taken back")
    func disarm() async throws {
        try await ControlDesk.inDirectory { directory in
            let desk = try await ControlDesk(mode: .enforce, in: directory)
            #expect(await desk.ask(HoldReport.self, desk.hold("labs-batch", "50%")) != nil)
            let report = try #require(await desk.ask(SwitchReport.self, desk.turn(.disarm)))
            #expect(report.isDone && report.hasDaemon && report.release?.released == ["labs-batch"])
            #expect(report.disarmed?.hasSuffix(" by alice: storage moves") == true)
            #expect(desk.share(of: "labs-batch") == 1)
            #expect(KillSwitch(directory: directory).thrown == report.disarmed)
            #expect(desk.alerts.ids.contains(.disarmed) && desk.alerts.ids.contains(.throttleReleased))
            #expect(await desk.refusal(desk.hold("labs-batch", "50%"))?.contains("storage moves") == true)
            let status = try #require(await desk.ask(StatusReport.self, ControlRequest(.status)))
            #expect(status.disarmed == report.disarmed)
            #expect(status.description.contains("DISARMED, nobody is held until quell arm: "))
            #expect(await desk.answers.monitor.isDisarmed)

            let armed = try #require(await desk.ask(SwitchReport.self, desk.turn(.arm)))
            #expect(armed.disarmed == nil && armed.isDone && armed.mode == "enforce")
            #expect(KillSwitch(directory: directory).thrown == nil)
            #expect(desk.alerts.last?.id == .armed)
            #expect(await !desk.answers.monitor.isDisarmed)
            let after = try #require(await desk.ask(StatusReport.self, ControlRequest(.status)))
            #expect(after.disarmed == nil && !after.description.contains("DISARMED"))
            #expect(await desk.ask(HoldReport.self, desk.hold("labs-batch", "50%")) != nil)
        }
    }

    @Test("A daemon that finds it thrown holds nobody")
    func found() async throws {
        try await ControlDesk.inDirectory { directory in
            let line = try KillSwitch(directory: directory).disarm(by: "bob", reason: "before", wall: 0)
            let desk = try await ControlDesk(in: directory)
            #expect(await desk.refusal(desk.hold("labs-batch", "50%"))?.contains(line) == true)
            let status = try #require(await desk.ask(StatusReport.self, ControlRequest(.status)))
            #expect(status.disarmed == line)
        }
    }

    @Test("Where it cannot be written everybody is let go all the same, and it says that it will not last")
    func unwritable() async throws {
        try await ControlDesk.inDirectory { directory in
            let desk = try await ControlDesk(mode: .enforce, in: directory)
            #expect(await desk.ask(HoldReport.self, desk.hold("labs-batch", "50%")) != nil)
            let blocker = directory + "/disarmed.new"
            try FileManager.default.createDirectory(atPath: blocker, withIntermediateDirectories: false)
            let report = try #require(await desk.ask(SwitchReport.self, desk.turn(.disarm)))
            #expect(!report.isDone && report.trouble?.contains("started anew will be armed") == true)
            #expect(report.release?.released == ["labs-batch"] && desk.share(of: "labs-batch") == 1)
            #expect(await desk.refusal(desk.hold("labs-batch", "50%"))?.contains("ends with the daemon") == true)
            #expect(desk.alerts.ids.contains(.disarmed))
        }
    }

    @Test("Where its file cannot be removed Quell stays disarmed and says so; armed twice is told once")
    func stuck() async throws {
        try await ControlDesk.inDirectory { directory in
            let desk = try await ControlDesk(in: directory)
            _ = await desk.ask(SwitchReport.self, desk.turn(.arm))
            #expect(!desk.alerts.ids.contains(.armed))
            _ = await desk.ask(SwitchReport.self, desk.turn(.disarm))
            let path = directory + "/" + KillSwitch.fileName
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            #expect(await desk.refusal(desk.turn(.arm))?.hasPrefix("Quell stays disarmed: ") == true)
            #expect(await desk.refusal(desk.hold("labs-batch", "50%")) != nil)
            #expect(await desk.answers.monitor.isDisarmed)
        }
    }

    @Test("With the daemon dead the switch is thrown and taken back on disk, and who is held is let go by the ledger")
    func offline() async throws {
        try await ControlDesk.inDirectory { directory in
            var configuration = DaemonConfiguration()
            configuration.stateDirectory = directory
            let offline = OfflineSwitch(configuration)
            let report = try await offline.disarm(by: "root", reason: nil)
            #expect(report.isDone && !report.hasDaemon && report.release?.isEmpty == true)
            #expect(KillSwitch(directory: directory).thrown == report.disarmed)
            let armed = try offline.arm()
            #expect(armed.disarmed == nil && KillSwitch(directory: directory).thrown == nil)
            // The ledger of a daemon that lives and does not answer cannot be had: the switch is thrown nonetheless.
            let desk = try await ControlDesk(in: directory)
            let locked = try await offline.disarm(by: "root", reason: nil)
            #expect(!locked.isDone && locked.trouble?.contains("quell release --all") == true)
            #expect(KillSwitch(directory: directory).thrown != nil)
            #expect(await desk.answers.enforcer.isArmed, "a daemon looks when it starts")
            configuration.stateDirectory = directory + "/none"
            await #expect(throws: KillSwitchError.self) {
                try await OfflineSwitch(configuration).disarm(by: "root", reason: nil)
            }
        }
    }

    @Test("What became of the switch is told in plain lines")
    func text() {
        let release = ReleaseReport([], open: [], watched: [])
        let thrown = SwitchReport(disarmed: "by a\nb", trouble: "no space", release: release, hasDaemon: false)
        #expect(
            thrown.description == """
                disarmed: by a\\u{a}b
                nobody was held
                nobody will be until: quell arm
                no daemon answers; it will find the switch so when it starts
                TROUBLE: no space
                """
        )
        #expect(SwitchReport(disarmed: nil, hasDaemon: true, mode: "enforce").description == "armed")
        #expect(
            SwitchReport(disarmed: nil, hasDaemon: true, mode: "dry-run").description
                == "armed; the policy is in dry run, so nobody is held by it"
        )
    }
}
