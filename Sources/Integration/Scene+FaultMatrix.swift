import Foundation
import Glibc

extension Scene {
    /// What can befall a host while Quell holds a guest, one after the other: nothing is lost, nobody else is touched.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func faultMatrix(_ report: inout Report) throws(BedError) {
        let hostile = try HostileGuests(on: bed)
        let evil = try bed.boot([HostileGuests.noisy])[0]
        let others = try Bystanders((victims.map(\.uuid) + hostile.kept), on: bed)
        let daemon = try quickDaemon("matrix", protecting: victims)
        try bed.mountMemory(on: daemon.stateDirectory, kibibytes: 512)
        let wanted = guests.count + 1 + hostile.guests.count
        report.check(
            try isWatching(daemon, wanted),
            "\(wanted) guests are watched, hostile ones too, described or not; \(hostile.told)"
        )
        let unknown = hostile.guests.count - hostile.described
        let told = try Set(bed.journal.lines().filter { $0.contains("cannot be described") }).count
        report.check(
            told >= unknown,
            "the journal tells of \(told) guests that cannot be described; there are \(unknown)"
        )

        let before = try HeldState(of: noisy, on: bed)
        let cases: [(Quelld, HeldState, inout Report) throws(BedError) -> Void] = [
            fullDisk, hungLibvirtd, killedLibvirtd, restartedLibvirtd, lostJournal, secondDaemon,
        ]
        for fault in cases {
            try fault(daemon, before, &report)
            report.check(try daemon.holds(0, within: 75), "no lease is left in the ledger")
            report.check(daemon.isRunning, "the daemon runs on")
        }
        try hostileName(evil, daemon, &report)
        let changes = try others.changes()
        report.check(changes.isEmpty, "everybody else is as before, by all that libvirt tells: \(list(changes))")
        report.check(
            hostile.areAlive,
            "every hostile guest runs on, also one that libvirtd lost when it was started again"
        )
        endWell(daemon, &report)
        try rest()
        try hostile.remove()
        try bed.removeLast(1)
    }

    /// Has the noisy guest held and checks that it is.
    private func hold(
        _ step: String,
        _ what: String,
        _ daemon: Quelld,
        _ before: HeldState,
        _ report: inout Report
    ) throws(BedError) {
        let answer = try daemon.hold(noisy, step)
        let changes = try HeldState(of: noisy, on: bed).differences(from: before)
        report.check(
            answer.status == 0 && changes.count >= 2,
            "\(what): \(step) is in force: \(answer.status == 0 ? changes.joined(separator: "; ") : answer.errors)"
        )
    }

    /// Checks that the noisy guest gets back all that it had.
    private func isBack(
        within limit: Double,
        _ what: String,
        _ before: HeldState,
        _ report: inout Report
    ) throws(BedError) {
        let start = Moment.now
        var left: [String] = []
        let isBack = try seen(within: limit) { () throws(BedError) in
            left = try HeldState(of: noisy, on: bed).differences(from: before)
            return left.isEmpty
        }
        report.check(isBack, "\(what): all is as before \(seconds(start.age)) later; left: \(list(left))")
    }

    /// The disk of the ledger is full: before anybody is held, while somebody is, and when the daemon comes back.
    private func fullDisk(_ daemon: Quelld, _ before: HeldState, _ report: inout Report) throws(BedError) {
        let filler = daemon.stateDirectory + "/filler"
        func fill() throws(BedError) { _ = try Shell.attempt(["dd", "if=/dev/zero", "of=" + filler, "bs=4k"]) }
        try fill()
        let refused = try daemon.hold(noisy, "quarantine")
        let changes = try HeldState(of: noisy, on: bed).differences(from: before)
        report.check(
            refused.status != 0 && changes.isEmpty && refused.errors.contains("no space left"),
            "full disk: nobody is held without a lease on the disk: \(refused.errors.split(separator: "\n").first ?? "")"
        )
        Files.removeTree(filler)
        try hold("quarantine", "space again", daemon, before, &report)
        try fill()
        _ = try daemon.release(noisy)
        try isBack(within: 20, "full disk: what is held is given back", before, &report)
        Files.removeTree(filler)
        report.check(try daemon.holds(0, within: 75), "space again: the leases are closed")

        try hold("quarantine", "space again", daemon, before, &report)
        try fill()
        daemon.kill()
        try daemon.start()
        try isBack(within: 20, "full disk: the daemon was killed and started again", before, &report)
        Files.removeTree(filler)
    }

    /// libvirtd hangs while a guest is held and let go, and goes on later.
    private func hungLibvirtd(_ daemon: Quelld, _ before: HeldState, _ report: inout Report) throws(BedError) {
        try hold("35%", "hung libvirtd", daemon, before, &report)
        let quota = quotaText
        bed.hangLibvirtd(true)
        let ticks = try daemon.status().ticks
        let release = try bed.launch(daemon.releaseCommand(noisy), log: "release")
        try Wait.seconds(12)
        let passed = try daemon.status().ticks - ticks
        report.check(passed >= 20, "hung libvirtd: \(passed) ticks in 12 s, two each second")
        report.check(quotaText == quota, "hung libvirtd: nothing can be given back: \(quotaText)")
        report.check(try daemon.leases() == 1, "hung libvirtd: the lease stays open")
        bed.hangLibvirtd(false)
        try isBack(within: 90, "hung libvirtd goes on", before, &report)
        release.end()
    }

    /// libvirtd is killed while a guest is held, and let go before it is back.
    private func killedLibvirtd(_ daemon: Quelld, _ before: HeldState, _ report: inout Report) throws(BedError) {
        try hold("quarantine", "killed libvirtd", daemon, before, &report)
        let quota = quotaText
        try bed.killLibvirtd()
        let isKnown = try seen(within: 20) { () throws(BedError) in try !daemon.status().libvirt }
        report.check(isKnown, "killed libvirtd: the daemon knows")
        let answer = try daemon.release(noisy)
        report.check(
            answer.status != 0,
            "killed libvirtd: `quell release` says that it is still held: \(answer.status)"
        )
        report.check(quotaText == quota, "killed libvirtd: the quota stays: \(quotaText)")
        try bed.startLibvirtd()
        try isBack(within: 60, "libvirtd is started again", before, &report)
    }

    /// libvirtd is restarted in order while a guest is held.
    private func restartedLibvirtd(_ daemon: Quelld, _ before: HeldState, _ report: inout Report) throws(BedError) {
        try hold("35%", "libvirtd restarted", daemon, before, &report)
        let held = try HeldState(of: noisy, on: bed)
        try bed.stopLibvirtd()
        try bed.startLibvirtd()
        let isFound = try seen(within: 60) { () throws(BedError) in try daemon.status().libvirt }
        try Wait.seconds(2)
        let changes = try HeldState(of: noisy, on: bed).differences(from: held)
        report.check(isFound && changes.isEmpty, "libvirtd restarted: found again, and held as before: \(quotaText)")
        report.check(try daemon.holds(1), "libvirtd restarted: one hold")
        _ = try daemon.release(noisy)
        try isBack(within: 20, "libvirtd restarted: let go", before, &report)
    }

    /// The journal is gone: Quell goes on to hold and to let go.
    private func lostJournal(_ daemon: Quelld, _ before: HeldState, _ report: inout Report) throws(BedError) {
        try bed.killJournald()
        try hold("35%", "no journal", daemon, before, &report)
        _ = try daemon.release(noisy)
        try isBack(within: 20, "no journal: let go", before, &report)
        try bed.startJournald()
        let start = Moment.now
        try hold("35%", "journal back", daemon, before, &report)
        let isTold = try seen(within: 10) { () throws(BedError) in
            try bed.journal.records(since: start).contains { !$0["QUELL_LEASE"].isEmpty || !$0["QUELL_UNDO"].isEmpty }
        }
        report.check(isTold, "journal back: the hold is told")
        _ = try daemon.release(noisy)
        try isBack(within: 20, "journal back: let go", before, &report)
    }

    /// A second daemon is started on the same ledger while the first holds a guest.
    private func secondDaemon(_ daemon: Quelld, _ before: HeldState, _ report: inout Report) throws(BedError) {
        try hold("quarantine", "two daemons", daemon, before, &report)
        let held = try HeldState(of: noisy, on: bed)
        let second = try daemon.startAnother()
        let lines = (second.text + second.errors).split(whereSeparator: \.isNewline)
        let text = lines.first { $0.contains("only one may keep the ledger") } ?? lines.last ?? ""
        report.check(
            second.status != 0 && text.contains("only one may keep the ledger"),
            "two daemons: the second ends with \(second.status): \(text)"
        )
        let changes = try HeldState(of: noisy, on: bed).differences(from: held)
        report.check(
            try daemon.leases() == 1 && changes.isEmpty,
            "two daemons: the first answers, and holds as before"
        )
        let release = try daemon.releaseAll()
        report.check(release.status == 0, "two daemons: a release by hand goes through the first")
        try isBack(within: 20, "two daemons: let go", before, &report)
    }

    /// A guest whose name would break a file name, a line, a terminal and a shell is held and let go.
    private func hostileName(_ evil: Guest, _ daemon: Quelld, _ report: inout Report) throws(BedError) {
        let start = Moment.now
        let before = try HeldState(of: evil, on: bed)
        let answer = try daemon.hold(evil, "quarantine")
        let changes = try HeldState(of: evil, on: bed).differences(from: before)
        report.check(answer.status == 0 && changes.count >= 4, "hostile name: held: \(changes.joined(separator: "; "))")
        let rows = try daemon.holdRows()
        // What turns text around or does not show is replaced where the description is read.
        let shown = evil.name.replacing("\u{202E}", with: "\u{FFFD}").replacing("\u{200B}", with: "\u{FFFD}")
        report.check(rows.map(\.name) == [shown], "hostile name: `quell leases --json` gives it, but what hides")
        _ = try daemon.release(evil)
        let left = try HeldState(of: evil, on: bed).differences(from: before)
        report.check(left.isEmpty, "hostile name: let go; left: \(list(left))")
        var texts: [String] = []
        _ = try seen(within: 10) { () throws(BedError) in
            texts = try bed.journal.records(since: start).map(\.text).filter { $0.contains("h1") }
            return texts.count >= 2
        }
        let isPlain = (texts + [answer.text]).allSatisfy { text in
            text.unicodeScalars.allSatisfy { scalar in
                scalar == "\n" || ![.control, .format, .lineSeparator].contains(scalar.properties.generalCategory)
            }
        }
        report.check(
            texts.count >= 2 && isPlain,
            "hostile name: \(texts.count) plain lines in the journal: \(texts.first ?? "")"
        )
        report.check(try daemon.holds(0, within: 75), "hostile name: no lease is left")
    }
}
