import Demo
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

/// Counts from 1.
private final class Ticks: Sendable {
    private let count = Atomic<Int64>(0)
    func next() -> Int64 { count.add(1, ordering: .relaxed).newValue }
}

@Suite("The hour and the kill switch, live and in replay")
struct CircumstancesTests {
    private static let shipped = Result { try PolicySource(named: [], directory: "").load() }
    private static let minute: Int64 = 60_000_000_000
    /// Tuesday, 1 December 2026, 12:00 in UTC.
    private static let noon: Int64 = 1_796_126_400_000_000_000

    /// The shipped policy with a window on Tuesdays from 12:00 for so many minutes.
    private func policy(minutes: Int, _ effect: MaintenanceWindow.Effect = .observe) throws -> PolicySet {
        var policy = try Self.shipped.get()
        policy.mode = .enforce
        var window = MaintenanceWindow(name: "noon", from: 720, to: 720 + minutes, effect: effect)
        window.days = [.tuesday]
        policy.windows = [window]
        return policy
    }

    /// A monitor of the scripted host, whose noise begins in its second 60, and its wall clock.
    private func monitor(_ policy: PolicySet, at start: Int64)
        -> Monitor<ScriptedHypervisor>
    {
        let ticks = Ticks()
        return Monitor(
            source: ScriptedHypervisor(ScriptedHost()),
            policy: policy,
            alerts: Deaf(),
            wallClock: { start + ticks.next() * 1_000_000_000 }
        )
    }

    /// Plays the script with each intent answered a little after its tick; the intents by second.
    private func play(_ seconds: ClosedRange<Int>, on monitor: Monitor<ScriptedHypervisor>) async -> [Int: [Intent]] {
        var all: [Int: [Intent]] = [:]
        for second in seconds {
            let time = MonotonicTime(seconds: 1_000 + Double(second))
            await monitor.tick(at: time)
            let intents = await monitor.takeIntents()
            if !intents.isEmpty { all[second] = intents }
            let events = intents.map { intent in
                switch intent {
                case .hold(let order): LeaseEvent.granted(order, lease: 1)
                case .release(let key, let reason): LeaseEvent.released(key, name: "", lease: 1, reason)
                }
            }
            await monitor.note(events, at: time.advanced(bySeconds: 0.2))
        }
        return all
    }

    /// What a pipeline makes of a trace, by second.
    private func replay(_ bytes: [UInt8], under policy: PolicySet) throws -> [Int: [Intent]] {
        var pipeline = Pipeline(policy: policy)
        var reader = TraceReader(bytes)
        var circumstances = TraceCircumstances()
        var all: [Int: [Intent]] = [:]
        while let item = try reader.next() {
            switch item {
            case .file: break
            case .circumstances(let told): circumstances = told
            case .event(let event, let time): pipeline.note(event, at: time)
            case .frame:
                let wall = WallOffset(nanoseconds: circumstances.wallAtBoot).wall(at: reader.frame.time)
                let intents = pipeline.step(
                    reader.frame,
                    circumstances: LadderCircumstances(wall: wall, isDisarmed: circumstances.isDisarmed)
                )
                if !intents.isEmpty { all[Int(reader.frame.tick)] = intents }
            }
        }
        return all
    }

    @Test("Windows and the kill switch replay as they were live, intent for intent")
    func replayed() async throws {
        let policy = try policy(minutes: 1)
        // The window ends in second 70 of the script, ten after the noise begins.
        let monitor = monitor(policy, at: Self.noon - 10_000_000_000)
        let tap = TraceTap(TraceEncoder())
        await monitor.attach(tap)
        var live = await play(1...90, on: monitor)
        await monitor.setDisarmed(true)
        live.merge(await play(91...100, on: monitor)) { $1 }
        await monitor.setDisarmed(false)
        live.merge(await play(101...120, on: monitor)) { $1 }
        #expect(live.keys.min().map { $0 >= 70 } == true, "nobody is held in the window")
        #expect(live[91]?.contains { if case .release(_, .disarmed) = $0 { true } else { false } } == true)
        #expect((92...100).allSatisfy { live[$0] == nil } && live.keys.contains { $0 > 100 })
        var bytes: [UInt8] = []
        tap.takeBytes(into: &bytes)
        #expect(try replay(bytes, under: policy) == live)
    }

    @Test("Without a clock the hour is not known, and a window that observes is taken for open")
    func noClock() async throws {
        let monitor = Monitor(
            source: ScriptedHypervisor(ScriptedHost()),
            policy: try policy(minutes: 1),
            alerts: Deaf()
        )
        #expect(await play(1...75, on: monitor).isEmpty)
        let refusals = await monitor.snapshot().refusals
        #expect(refusals.contains { $0.reason == "the hour is not known, and the maintenance window noon may be open" })
    }

    @Test(
        "Replay takes the hour from the trace's facts where nothing else tells it, and none from facts that are damaged"
    )
    func facts() throws {
        for (started, boot, isHeld) in [
            ("2026-12-01T11:00:00Z", "1000000000000", true), ("2026-12-01T12:00:00Z", "1000000000000", false),
            ("2026-12-01T12:00:00Z", "3601000000000", true), ("noon", "1000000000000", false),
            ("2026-12-01T11:00:00Z", "soon", false),
        ] {
            var host = ScriptedHost()
            var encoder = TraceEncoder(facts: [.init("started", started), .init("started_boot_ns", boot)])
            var bytes: [UInt8] = []
            for _ in 0..<75 {
                host.advance()
                encoder.encode(host.frame, into: &bytes)
            }
            var kinds: [String] = []
            var replay = Replay(policy: try policy(minutes: 10)) { kinds.append($0.kind) }
            replay.run(bytes)
            #expect(kinds.contains("would-throttle") == isHeld, "\(started) \(boot)")
        }
    }

    @Test("The offset follows the wall clock where it is off by half a second, and is else left as it is")
    func offset() {
        var offset = WallOffset()
        #expect(offset.wall(at: MonotonicTime(seconds: 100)) == nil)
        let half: Int64 = 500_000_000
        // What the wall clock is off by, and what the offset then is.
        for (off, told) in [(0, 0), (half - 1, 0), (1 - half, 0), (-half, -half), (0, 0), (half, half)]
            as [(Int64, Int64)]
        {
            let before = offset
            let isNew = offset.note(Self.noon + off, at: MonotonicTime(seconds: 100))
            #expect(isNew == (offset != before))
            #expect(offset.wall(at: MonotonicTime(seconds: 101)) == Self.noon + told + 1_000_000_000, "\(off)")
        }
        for (wall, time) in [(Int64.min, 100), (.max, UInt64.max), (0, .max)] {
            let isNew = offset.note(wall, at: MonotonicTime(nanoseconds: time))
            #expect(isNew, "\(wall)")
        }
    }
}
