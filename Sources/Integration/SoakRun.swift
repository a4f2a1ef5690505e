import Foundation
import Glibc
import Signals

/// The daemon runs while very many guests come and go, and must be afterwards what it was before.
final class SoakRun {
    private let bed: Bed
    private let size: Size
    private let daemon: Quelld
    private let directory: String
    private let metrics: String
    private var hands: [SoakHand] = []
    private var random = SplitMix64(seed: 20_261_201)
    private var notes: [SoakNote] = []
    private var tally = SoakTally()

    /// A soak that has not begun; its daemon runs.
    ///
    /// - Parameters:
    ///   - size: How large it is.
    ///   - bed: Where.
    /// - Throws: ``BedError`` if the daemon does not come up.
    init(_ size: Size, on bed: Bed) throws(BedError) {
        self.size = size
        self.bed = bed
        directory = bed.directory + "/soak"
        metrics = bed.directory + "/soak-metrics.sock"
        try Files.makeDirectory(directory)
        try Files.write(HaltedGuest.firmware, to: directory + "/halt.rom")
        let file = bed.directory + "/soak.yaml"
        try Files.write(Scene.enforce, to: file)
        daemon = try Quelld(
            on: bed,
            name: "soak",
            policy: [Quelld.shippedPolicy, file],
            arguments: ["--metrics", "unix:" + metrics]
        )
        try daemon.start()
    }

    /// Lets the guests come and go, and gives the verdicts.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func run(_ report: inout Report) throws(BedError) {
        let begin = Moment.now
        let libvirtd = bed.libvirtdPID
        try warmUp()
        let before = try SoakNote(of: daemon, lives: 0)
        say("  before: \(before.text)")
        let herd = try Herd(size.standing, on: bed, floor: 2_048)
        for number in 0..<size.hands {
            hands.append(
                SoakHand(number, places: size.places, on: bed, in: directory, seed: 20_261_201)
            )
        }
        let start = Moment.now
        try turnOver()
        let seconds = start.age
        for hand in hands { try hand.clear() }
        for name in herd.names { try bed.virsh(["destroy", name]) }
        let after = try settle(before)
        say("  after:  \(after.text)")
        tally.lives = hands.reduce(0) { $0 + $1.made } + herd.names.count
        tally.reused = hands.reduce(0) { $0 + $1.reused }
        tally.paused = hands.reduce(0) { $0 + $1.paused }
        let complaints = hands.flatMap(\.complaints)
        for complaint in complaints.prefix(5) { say("note: virsh: \(complaint)") }
        let verdict = SoakVerdict(
            tally: tally,
            notes: notes,
            before: before,
            after: after,
            seconds: seconds,
            isSameLibvirtd: bed.libvirtdPID == libvirtd
        )
        verdict.give(&report)
        try leftovers(since: begin, &report)
        report.check(daemon.stop() == 0, "the daemon ends well")
        // A QEMU that is killed while it starts is a refusal.
        report.check(
            complaints.count <= tally.killed,
            "libvirt did what it was asked for; \(complaints.count) guests did not come up, \(tally.killed) were killed"
        )
        if let name = size.evidence { try Evidence.leave(verdict.evidence(), as: name) }
    }

    /// A first guest comes and goes, so that all that is opened once is open; then the daemon is at rest.
    private func warmUp() throws(BedError) {
        let first = try Herd(1, on: bed, floor: 2_048)
        try Wait.until("the first guest is watched", limit: 30, step: 0.2) { () throws(BedError) in
            try daemon.vms().contains { first.names.contains($0.name) }
        }
        _ = try daemon.quell(["hold", first.names[0], "--step", "50%", "--run-dir", daemon.runDirectory])
        try disturb()
        for name in first.names { try bed.virsh(["destroy", name]) }
        try Wait.until("the first guest is forgotten", limit: 60, step: 0.5) { () throws(BedError) in
            try daemon.leases() + daemon.vms().count { first.names.contains($0.name) } == 0
        }
        try Wait.seconds(5)
    }

    private var lives: Int { hands.reduce(0) { $0 + $1.made } }

    private func turnOver() throws(BedError) {
        let start = Moment.now
        var noted = Moment.now
        var disturbed = Moment.now
        var told = 0
        while lives < size.lives, start.age < size.limit {
            for hand in hands where !hand.isBusy { try hand.work() }
            if disturbed.age >= size.pace / 2 {
                disturbed = .now
                try disturb()
            }
            if noted.age >= size.pace {
                noted = .now
                let note = try SoakNote(of: daemon, lives: lives)
                notes.append(note)
                if notes.count >= told + 12 {
                    told = notes.count
                    say("  \(note.text)")
                }
            }
            try Wait.seconds(0.03)
        }
    }

    /// Kills a guest's QEMU, has another one held, scrapes and asks.
    private func disturb() throws(BedError) {
        if !hands.isEmpty {
            kill(aGuest())
            let step = ["50%", "35%", "quarantine"].randomElement(using: &random) ?? "50%"
            let held = try daemon.quell(["hold", aGuest(), "--step", step, "--run-dir", daemon.runDirectory])
            if held.status == 0 { tally.held += 1 }
        }
        let page = try Shell.attempt(["curl", "-fsS", "--unix-socket", metrics, "http://quell/metrics"])
        if page.status == 0, page.text.contains("quell_vms") { tally.scrapes += 1 } else { tally.unanswered += 1 }
        let questions = [["vms"], ["top", "--json"], ["explain", aGuest()], ["leases"], ["status"]]
        let question = questions.randomElement(using: &random) ?? ["vms"]
        let answer = try daemon.quell(question + ["--run-dir", daemon.runDirectory])
        // That a guest just asked about is gone is an answer.
        if answer.status == 0 || question[0] == "explain" { tally.answers += 1 } else { tally.unanswered += 1 }
    }

    private func aGuest() -> String {
        hands.flatMap(\.names).randomElement(using: &random) ?? bed.name
    }

    /// Ends a guest's QEMU as a crash does; libvirt learns of it by the end of its monitor.
    private func kill(_ name: String) {
        guard let pid = Files.number("/run/libvirt/qemu/\(name).pid").flatMap({ Int32(exactly: $0) }),
            let words = Files.text("/proc/\(pid)/cmdline"), words.contains("guest=\(name),")
        else { return }
        if Glibc.kill(pid, SIGKILL) == 0 { tally.killed += 1 }
    }

    /// Waits until the daemon is at rest again.
    private func settle(_ before: SoakNote) throws(BedError) -> SoakNote {
        let start = Moment.now
        var note = try SoakNote(of: daemon, lives: lives)
        while note.known != before.known || note.leases != 0 || note.descriptors > before.descriptors, start.age < 75 {
            try Wait.seconds(1)
            note = try SoakNote(of: daemon, lives: lives)
        }
        return note
    }

    /// Nothing of any guest is left on the host, and the daemon's part of the journal holds no error.
    private func leftovers(since begin: Moment, _ report: inout Report) throws(BedError) {
        let taps = Files.names(in: "/sys/class/net").filter {
            $0.hasPrefix(bed.name + "s") || $0.hasPrefix(bed.name + "h")
        }
        report.check(taps.isEmpty, "no tap is left: \(taps.prefix(5))")
        let groups = Cgroups.all().filter { $0.contains(bed.name + "-s") || $0.contains(bed.name + "-h") }
        report.check(groups.isEmpty, "no cgroup is left: \(groups.prefix(5))")
        let classes = Files.names(in: "/sys/fs/resctrl").filter { $0.hasPrefix("quell-") }
        report.check(classes.isEmpty, "no resctrl group is left: \(classes.prefix(5))")
        let errors = try bed.journal.errors(of: "quelld", since: begin)
        for line in errors.prefix(10) { say("    \(line)") }
        report.check(errors.isEmpty, "\(errors.count) errors of the daemon in the journal")
    }
}
