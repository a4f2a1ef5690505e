import Demo
import Enforcement
import Foundation
import Policy
import Reporting
import Signals
import Synchronization
import Testing
import Traces

@testable import QuellRuntime

/// Takes no alert.
private struct Deaf: AlertReceiver {
    func send(_ alert: Alert) {}
}

@Suite("Replay of a trace")
struct ReplayTests {
    private static let shipped = Result { try PolicySource(named: [], directory: "").load() }

    /// What a pipeline made of one frame.
    private struct Step: Equatable {
        var verdicts: [Verdict]
        var findings: [Finding]
        var intents: [Intent]
    }

    @Test(
        "Replay gives the verdicts, findings and intents of the live run, bit for bit",
        arguments: [1, 2, 3] as [UInt64]
    )
    func sameAsLive(seed: UInt64) throws {
        var policy = try Self.shipped.get()
        policy.mode = .enforce
        var host = ScriptedHost(seed: seed)
        var pipeline = Pipeline(policy: policy)
        var encoder = TraceEncoder()
        var bytes: [UInt8] = []
        var live: [Step] = []
        for second in 1...170 {
            host.advance()
            encoder.encode(host.frame, into: &bytes)
            let intents = pipeline.step(host.frame)
            live.append(Step(verdicts: pipeline.verdicts, findings: pipeline.findings, intents: intents))
            // Each intent is carried out, and told a little after the tick.
            for intent in intents {
                let time = host.frame.time.advanced(bySeconds: 0.123)
                let event: LeaseEvent
                switch intent {
                case .hold(let order):
                    event = second % 2 == 0 ? .granted(order, lease: 1) : .adjusted(order, lease: 1)
                    host.cap(order.vm, to: order.step.share)
                    host.hold(order)
                case .release(let key, let reason):
                    event = .released(key, name: "", lease: 1, reason)
                    host.cap(key.vm, to: nil)
                    host.letGo(key)
                }
                pipeline.note(event, at: time)
                encoder.encode(event, at: time, into: &bytes)
            }
        }
        #expect(live.contains { !$0.verdicts.isEmpty } && live.contains { !$0.intents.isEmpty })

        var again = Pipeline(policy: policy)
        var reader = TraceReader(bytes)
        var replayed: [Step] = []
        while let item = try reader.next() {
            switch item {
            case .file, .circumstances: break
            case .frame:
                let intents = again.step(reader.frame)
                replayed.append(Step(verdicts: again.verdicts, findings: again.findings, intents: intents))
            case .event(let event, let time): again.note(event, at: time)
            }
        }
        #expect(replayed == live)
    }

    /// A trace of the demo's script.
    private func demo(seconds: Int) -> [UInt8] {
        var host = ScriptedHost()
        var encoder = TraceEncoder()
        var bytes: [UInt8] = []
        for _ in 0..<seconds {
            host.advance()
            encoder.encode(host.frame, into: &bytes)
        }
        encoder.finish(into: &bytes)
        return bytes
    }

    @Test("It tells who would be held and counts under which rule, whatever the policy's mode")
    func wouldThrottle() throws {
        var policy = try Self.shipped.get()
        policy.mode = .enforce
        var events: [ReplayEvent] = []
        var replay = Replay(policy: policy) { events.append($0) }
        replay.run(demo(seconds: 150))
        let report = replay.report
        #expect(report.ticks == 150 && report.vms == 8 && report.span == 149 && report.ending == "complete")
        #expect(events.contains { $0.kind == "would-throttle" && $0.fields["QUELL_VM"] == "labs-batch" })
        #expect(events.allSatisfy { $0.second >= 59 && $0.kind != "throttle-applied" })
        let starved = try #require(report.rules.first { $0.rule == "cpu-starved" })
        #expect(starved.onsets > 0 && starved.blamed > 0 && starved.held > 0)
    }

    @Test("Another policy gives another answer on the same trace")
    func otherPolicy() throws {
        var events = 0
        var replay = Replay(policy: PolicySet()) { _ in events += 1 }
        replay.run(demo(seconds: 80))
        #expect(events == 0 && replay.report.rules.isEmpty && replay.report.ticks == 80)
    }

    @Test("A damaged and cut trace is replayed as far as it goes, and the report says so")
    func damaged() throws {
        var bytes = demo(seconds: 30)
        bytes.removeLast(100)
        var replay = Replay(policy: try Self.shipped.get()) { _ in }
        replay.run(bytes)
        #expect(replay.report.ending == "cut" && replay.report.cut > 0 && replay.report.ticks == 29)
        var noise = Replay(policy: try Self.shipped.get()) { _ in }
        noise.run(Array("hello".utf8))
        #expect(noise.report.ticks == 0 && noise.report.problems.count == 1)
    }

    @Test("A second run of the daemon begins with baselines that know nothing, and no time passes between the two")
    func secondRun() throws {
        var replay = Replay(policy: try Self.shipped.get()) { _ in }
        replay.run(demo(seconds: 20))
        replay.run(demo(seconds: 20))
        #expect(replay.report.ticks == 40 && replay.report.span == 38 && replay.report.files == 2)
        #expect(replay.report.vms == 8)
    }

    @Test("What the monitor hands to a tap is what it judged, with the events in their place")
    func tap() async throws {
        let monitor = Monitor(
            source: ScriptedHypervisor(ScriptedHost()),
            policy: try Self.shipped.get(),
            alerts: Deaf()
        )
        let tap = TraceTap(TraceEncoder())
        await monitor.attach(tap)
        let vm = ScriptedVM.demoHost[0].record.identity
        await monitor.tick(at: MonotonicTime(seconds: 1_001))
        await monitor.note([.failed(HoldKey(vm, .cpu), name: "a", "b")], at: MonotonicTime(seconds: 1_001.5))
        await monitor.tick(at: MonotonicTime(seconds: 1_002))
        tap.close()
        await monitor.tick(at: MonotonicTime(seconds: 1_003))
        var bytes: [UInt8] = [1]
        tap.takeBytes(into: &bytes)
        var reader = TraceReader(bytes)
        var items: [TraceReader.Item] = []
        while let item = try reader.next() { items.append(item) }
        let event = TraceReader.Item.event(
            .failed(HoldKey(vm, .cpu), name: "a", "b"),
            at: MonotonicTime(seconds: 1_001.5)
        )
        #expect(Array(items.dropFirst()) == [.frame, event, .frame])
        #expect(reader.frame.tick == 2)
    }

    @Test("A tap that nobody empties leaves frames out, counts them, and goes on with a whole one")
    func overflow() throws {
        var host = ScriptedHost()
        let tap = TraceTap(TraceEncoder(), limit: 4_000)
        for _ in 0..<30 {
            host.advance()
            tap.take(host.frame)
        }
        let lost = tap.lost
        #expect(lost > 0)
        var bytes: [UInt8] = []
        tap.takeBytes(into: &bytes)
        #expect(bytes.count < 8_000)
        host.advance()
        tap.take(host.frame)
        var more: [UInt8] = []
        tap.takeBytes(into: &more)
        var reader = TraceReader(bytes + more)
        var ticks: [UInt64] = []
        while let item = try reader.next() { if item == .frame { ticks.append(reader.frame.tick) } }
        #expect(ticks.last == 31 && UInt64(ticks.count) + lost == 31 && reader.lost == lost)
    }
}
