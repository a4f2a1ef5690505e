import Enforcement
import Foundation
import Policy
import QuellRuntime
import Signals

/// `quell demo`: the real pipeline from the frame on, the real ladder and the real ledger, against the scripted host.
public struct DemoRun: Sendable {
    /// The last second of the script.
    public static let seconds = 150.0
    /// Lines of the picture that are not the journal's, the VMs' included.
    private static let otherLines = 14

    /// Seconds of the script that pass in a second; 0 for no waiting at all.
    public var speed: Double
    /// Whether to draw a live picture, rather than print plain lines.
    public var live: Bool
    /// Columns of the terminal.
    public var width: Int
    /// Lines of the terminal.
    public var height: Int
    /// The file that the frames are recorded into; `nil` for none.
    public var recording: String?
    /// The directory of a control socket at which the demo answers as a daemon would.
    ///
    /// The script then goes at the pace of the clock and begins anew until it is interrupted; `nil` for one run of it.
    public var serving: String?
    /// Threshold files over the shipped policy, and directories of them.
    public var policyPaths: [String] = []
    /// Where text goes.
    public var print: @Sendable (String) -> Void

    /// A demo.
    ///
    /// - Parameters:
    ///   - speed: Seconds of the script that pass in a second; 0 for no waiting at all.
    ///   - live: Whether to draw a live picture.
    ///   - width: Columns of the terminal.
    ///   - height: Lines of the terminal.
    ///   - print: Where text goes.
    public init(speed: Double, live: Bool, width: Int, height: Int, print: @escaping @Sendable (String) -> Void) {
        self.speed = speed
        self.live = live
        self.width = max(60, width)
        self.height = max(Self.otherLines + 4, height)
        self.print = print
    }

    /// What came of a demo.
    public struct Outcome: Equatable, Sendable {
        /// VMs that were held, by name, in the order of their first lease.
        public var held: [String] = []
        /// VMs that were hurt, by name.
        public var hurt: Set<String> = []
        /// VMs that were blamed, by name.
        public var blamed: Set<String> = []
        /// Leases that are still open at the end.
        public var leasesLeft = 0
        /// VMs whose quota at the end is not what it was at the start.
        public var quotasLeft: [String] = []
        /// Every line that the journal would hold.
        public var journal: [String] = []
    }

    /// Runs the script to its end.
    ///
    /// - Returns: What came of it.
    /// - Throws: Where the shipped policy, the ledger's directory or the file for the recording cannot be used.
    public func run() async throws -> Outcome {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("quell-demo-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let policy = try policy(in: directory)

        let start = serving == nil ? MonotonicTime(seconds: 1_000) : HostClock.now().advanced(bySeconds: -1)
        let hypervisor = ScriptedHypervisor(
            ScriptedHost(start: start, period: serving == nil ? .infinity : Self.seconds)
        )
        let journal = JournalLines()
        let enforcer = Enforcer(
            ledger: try Ledger(directory: directory.path),
            actuator: hypervisor,
            mode: policy.mode,
            bootID: "demo",
            wallClock: { HostClock.wallNanoseconds() }
        )
        let monitor = Monitor(source: hypervisor, policy: policy, alerts: journal)
        var recorder = try await DemoRecorder(recording, monitor)
        let desk = try serving.map {
            try ScriptedDesk(monitor: monitor, enforcer: enforcer, alerts: journal, runDirectory: $0)
        }
        let answering = desk.map { desk in Task { try await desk.run() } }
        defer { answering?.cancel() }
        var outcome = Outcome()
        if live { print(Terminal.enter) } else { print(Self.introduction) }
        defer { if live { print(Terminal.leave) } }

        for await _ in TickSequence(every: period, on: ContinuousClock()) {
            let time = start.advanced(bySeconds: hypervisor.second + 1)
            journal.setSecond(hypervisor.second + 1)
            await monitor.tick(at: time)
            var events = await enforcer.carryOut(monitor.takeIntents(), now: time)
            events += await enforcer.tick(now: time)
            await monitor.note(events, at: time)
            try recorder?.store()

            let scene = await scene(monitor.snapshot(), enforcer.leases, journal, hypervisor.second, time)
            note(scene, into: &outcome)
            show(scene, journal)
            if serving == nil && hypervisor.second >= Self.seconds { break }
        }
        let last = start.advanced(bySeconds: hypervisor.second)
        await monitor.note(enforcer.releaseAll(.shutdown, now: last), at: last)
        try recorder?.finish()
        outcome.leasesLeft = await enforcer.leases.count
        outcome.journal = journal.last(.max)
        for record in hypervisor.frame.records.compactMap({ $0 })
        where hypervisor.quota(of: record.identity)?.quota != nil {
            outcome.quotasLeft.append(record.name)
        }
        return outcome
    }

    /// The shipped policy, what the demo changes of it, and the files that were named.
    private func policy(in directory: URL) throws -> PolicySet {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let texts = [("default.yaml", PolicySource.shipped), ("demo.yaml", Self.overrides)]
        let own = try texts.map { name, text in
            let file = directory.appendingPathComponent(name)
            try Data(text.utf8).write(to: file)
            return file.path
        }
        return try PolicyLoader.load(paths: own + policyPaths)
    }

    private var period: Duration { serving != nil ? .seconds(1) : speed > 0 ? .seconds(1 / speed) : .nanoseconds(1) }

    private func scene(
        _ snapshot: MonitorSnapshot,
        _ leases: [Lease],
        _ journal: JournalLines,
        _ second: Double,
        _ time: MonotonicTime
    ) -> DemoScene {
        let name = { (slot: VMSlot) in snapshot.frame[record: slot]?.name ?? "?" }
        let held = leases.compactMap { lease in
            guard case .quota(let quota) = lease.set, let cap = quota.share else { return HeldLine?.none }
            return HeldLine(vm: lease.vm, cap: cap, remaining: lease.expires.boot.seconds(since: time))
        }
        return DemoScene(
            frame: snapshot.frame,
            second: second,
            end: Self.seconds,
            hurt: snapshot.hurt,
            blamed: snapshot.blamed.mapValues { $0.map(name) },
            held: held,
            journal: journal.last(height - Self.otherLines)
        )
    }

    private func note(_ scene: DemoScene, into outcome: inout Outcome) {
        let name = { (slot: VMSlot) in scene.frame[record: slot]?.name ?? "?" }
        outcome.hurt.formUnion(scene.hurt.map(name))
        outcome.blamed.formUnion(scene.blamed.keys.map(name))
        for line in scene.held {
            guard let held = scene.frame.slot(of: line.vm).map(name), !outcome.held.contains(held) else { continue }
            outcome.held.append(held)
        }
    }

    private func show(_ scene: DemoScene, _ journal: JournalLines) {
        if live {
            print(
                Terminal.home
                    + DemoView(width: width, colour: true).lines(of: scene).map { $0 + Terminal.clearLine }.joined(
                        separator: "\n"
                    ) + Terminal.clearBelow
            )
        } else {
            for line in journal.takeUnread() { print(line) }
        }
    }

    /// What the demo changes of the shipped policy, as an operator's own file would.
    private static let overrides = """
        version: 1
        mode: enforce
        rules:
          - name: memory-growth
            for: 20 s
        """

    private static let introduction = """
        Quell demo: 8 VMs of 3 tenants on 8 CPUs. At 1:00 labs-batch turns noisy, at 1:50 it stops.
        What follows is what the journal would say, with the second of the script before it.
        """
}

/// The few control sequences that the live picture needs (ECMA-48).
enum Terminal {
    /// Switches to the second screen and hides the cursor.
    static let enter = "\u{1b}[?1049h\u{1b}[?25l"
    /// Shows the cursor and goes back to the first screen.
    static let leave = "\u{1b}[?25h\u{1b}[?1049l"
    /// Moves to the top left.
    static let home = "\u{1b}[H"
    /// Clears what is left of a line.
    static let clearLine = "\u{1b}[K"
    /// Clears everything below.
    static let clearBelow = "\u{1b}[J"
}
