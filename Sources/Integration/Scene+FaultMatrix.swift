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
        try work()
        let others = try Bystanders((victims.map(\.uuid) + hostile.kept), on: bed)
        let daemon = try quickDaemon("matrix")
        try bed.mountMemory(on: daemon.stateDirectory, kibibytes: 512)
        try daemon.start()
        let wanted = guests.count + 1 + hostile.described
        let areKnown = try seen(within: 10) { () throws(BedError) in try daemon.vms().count == wanted }
        report.check(areKnown, "\(wanted) guests are watched, hostile ones too; \(hostile.told)")
        let unknown = hostile.guests.count - hostile.described
        let told = try Set(bed.journal.lines().filter { $0.contains("cannot be described") }).count
        report.check(told >= unknown, "the journal tells of \(told) guests that cannot be described; there are \(unknown)")
        try Wait.seconds(Self.quickWarmUp)

        let cases: [(Quelld, inout Report) throws(BedError) -> Void] = [
            fullDisk, hungLibvirtd, killedLibvirtd, restartedLibvirtd, lostJournal, secondDaemon,
        ]
        for fault in cases {
            try fault(daemon, &report)
            report.check(try daemon.holds(0, within: 75), "no lease is left in the ledger")
            report.check(daemon.isRunning, "the daemon runs on")
            try Wait.seconds(Self.quickWarmUp)
        }
        try hostileNoise(evil, daemon, &report)
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

    /// The disk of the ledger is full: before anybody is held, while somebody is, and when the daemon comes back.
    private func fullDisk(_ daemon: Quelld, _ report: inout Report) throws(BedError) {
        let filler = daemon.stateDirectory + "/filler"
        func fill() throws(BedError) {
            _ = try Shell.attempt(["dd", "if=/dev/zero", "of=" + filler, "bs=4k"])
        }
        let start = Moment.now
        try fill()
        var watch = QuotaWatch(guests)
        try noisy.tell("spin")
        try watch.look(limit: 8) { $0.change(of: noisy) != nil }
        report.check(watch.changes.allSatisfy { $0 == nil }, "full disk: nobody is held without a lease on the disk")
        let isTold = try seen(within: 10) { () throws(BedError) in
            try bed.journal.records(since: start).contains { $0.text.contains("no space left") }
        }
        report.check(isTold, "full disk: the journal tells why")
        try noisy.tell("idle")
        Files.removeTree(filler)
        try Wait.seconds(Self.quickWarmUp + 3)

        let held = try provoke()
        report.check(held.throttled != nil, "full disk: with space again it is held after \(seconds(held.throttled))")
        try fill()
        let back = try calmDown(held.watch)
        report.check(back != nil, "full disk: what is held is given back all the same, after \(seconds(back))")
        Files.removeTree(filler)
        report.check(try daemon.holds(0, within: 75), "full disk: the lease is closed once there is space again")
        try Wait.seconds(Self.quickWarmUp)

        let again = try breakOut()
        try fill()
        daemon.kill()
        report.check(
            again.throttled != nil && !again.watch.isAsAtFirst(noisy),
            "full disk: held again after \(seconds(again.throttled)), and the daemon killed"
        )
        try noisy.tell("idle")
        let restart = Moment.now
        try daemon.start()
        let isBack = try seen(within: 20) { () throws(BedError) in again.watch.isAsAtFirst(noisy) }
        report.check(isBack, "full disk: started again it gives back what it held, after \(seconds(restart.age))")
        Files.removeTree(filler)
    }

    /// libvirtd hangs while a guest is held, and goes on later.
    private func hungLibvirtd(_ daemon: Quelld, _ report: inout Report) throws(BedError) {
        let outbreak = try provoke()
        report.check(outbreak.throttled != nil, "hung libvirtd: held after \(seconds(outbreak.throttled))")
        bed.hangLibvirtd(true)
        let before = try daemon.status().ticks
        let quota = quotaText
        try noisy.tell("idle")
        try Wait.seconds(12)
        let ticks = try daemon.status().ticks - before
        report.check(ticks >= 20, "hung libvirtd: \(ticks) ticks in 12 s, two each second")
        report.check(
            !outbreak.watch.isAsAtFirst(noisy),
            "hung libvirtd: nothing can be given back: \(quota), \(quotaText)"
        )
        report.check(try daemon.leases() >= 1, "hung libvirtd: the lease stays open")
        bed.hangLibvirtd(false)
        let start = Moment.now
        let isBack = try seen(within: 90) { () throws(BedError) in outbreak.watch.isAsAtFirst(noisy) }
        report.check(isBack, "hung libvirtd: once it goes on the quota is as at first, after \(seconds(start.age))")
    }

    /// libvirtd is killed while a guest is held; the noise ends before it is back.
    private func killedLibvirtd(_ daemon: Quelld, _ report: inout Report) throws(BedError) {
        let outbreak = try provoke()
        report.check(outbreak.throttled != nil, "killed libvirtd: held after \(seconds(outbreak.throttled))")
        try bed.killLibvirtd()
        let isKnown = try seen(within: 20) { () throws(BedError) in try !daemon.status().libvirt }
        report.check(isKnown, "killed libvirtd: the daemon knows")
        try noisy.tell("idle")
        try Wait.seconds(3)
        report.check(!outbreak.watch.isAsAtFirst(noisy), "killed libvirtd: the quota stays: \(quotaText)")
        try bed.startLibvirtd()
        let start = Moment.now
        let isBack = try seen(within: 60) { () throws(BedError) in outbreak.watch.isAsAtFirst(noisy) }
        report.check(isBack, "killed libvirtd: started again, the quota is as at first after \(seconds(start.age))")
    }

    /// libvirtd is restarted in order while a guest is held and goes on being noisy.
    private func restartedLibvirtd(_ daemon: Quelld, _ report: inout Report) throws(BedError) {
        let outbreak = try provoke()
        report.check(outbreak.throttled != nil, "libvirtd restarted: held after \(seconds(outbreak.throttled))")
        try bed.stopLibvirtd()
        try bed.startLibvirtd()
        let isFound = try seen(within: 60) { () throws(BedError) in try daemon.status().libvirt }
        report.check(isFound, "libvirtd restarted: the daemon has found it again")
        try Wait.seconds(2)
        report.check(!outbreak.watch.isAsAtFirst(noisy), "libvirtd restarted: it is still held: \(quotaText)")
        report.check(try daemon.holds(1), "libvirtd restarted: under one lease")
        let back = try calmDown(outbreak.watch)
        report.check(back != nil, "libvirtd restarted: let go \(seconds(back)) after the noise")
    }

    /// The journal is gone: Quell goes on to hold and to let go.
    private func lostJournal(_ daemon: Quelld, _ report: inout Report) throws(BedError) {
        try bed.killJournald()
        let outbreak = try provoke()
        report.check(outbreak.throttled != nil, "no journal: held after \(seconds(outbreak.throttled))")
        let back = try calmDown(outbreak.watch)
        report.check(back != nil, "no journal: let go \(seconds(back)) after the noise")
        try bed.startJournald()
        let start = Moment.now
        try Wait.seconds(Self.quickWarmUp)
        let again = try provoke()
        report.check(again.throttled != nil, "journal back: held after \(seconds(again.throttled))")
        let isTold = try seen(within: 10) { () throws(BedError) in
            try bed.journal.records(since: start).contains { !$0["QUELL_LEASE"].isEmpty || !$0["QUELL_UNDO"].isEmpty }
        }
        report.check(isTold, "journal back: it is told of the hold again")
        report.check(try calmDown(again.watch) != nil, "journal back: let go")
    }

    /// A second daemon is started on the same ledger while the first holds a guest.
    private func secondDaemon(_ daemon: Quelld, _ report: inout Report) throws(BedError) {
        let outbreak = try provoke()
        report.check(outbreak.throttled != nil, "two daemons: held after \(seconds(outbreak.throttled))")
        let second = try daemon.startAnother()
        let text = (second.text + second.errors).split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
        report.check(
            second.status != 0 && text.contains("only one may keep the ledger"),
            "two daemons: the second ends with \(second.status): \(text)"
        )
        report.check(try daemon.leases() == 1, "two daemons: the first answers, and holds as before: \(quotaText)")
        let release = try daemon.releaseAll()
        let answer = (release.text + release.errors).split(whereSeparator: \.isNewline).joined(separator: "; ")
        report.check(release.status == 0, "two daemons: a release by hand goes through the first: \(answer)")
        report.check(try calmDown(outbreak.watch) != nil, "two daemons: let go")
    }

    /// A guest whose name would break a file name, a line, a terminal and a shell is noisy.
    private func hostileNoise(_ evil: Guest, _ daemon: Quelld, _ report: inout Report) throws(BedError) {
        let start = Moment.now
        var watch = QuotaWatch([evil])
        try evil.tell("spin")
        try watch.look(limit: Self.patience) { $0.change(of: evil) != nil }
        report.check(watch.change(of: evil) != nil, "hostile name: held after \(seconds(watch.change(of: evil)))")
        report.check(try daemon.holds(1), "hostile name: one lease in the ledger")
        let names = try daemon.leaseNames()
        report.check(names == [evil.name], "hostile name: `quell leases --json` gives it as it is")
        let records = try bed.journal.records(since: start).filter { $0["QUELL_CULPRIT"] != "" }
        let texts = records.map(\.text)
        let isPlain = texts.allSatisfy { text in
            text.unicodeScalars.allSatisfy { scalar in
                ![.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
            }
        }
        report.check(
            !texts.isEmpty && isPlain,
            "hostile name: \(texts.count) plain lines in the journal: \(texts.first ?? "")"
        )
        try evil.tell("idle")
        let calm = Moment.now
        let isBack = try seen(within: 60) { () throws(BedError) in watch.isAsAtFirst(evil) }
        report.check(isBack, "hostile name: let go \(seconds(calm.age)) after the noise")
        report.check(try daemon.holds(0, within: 75), "hostile name: no lease is left")
    }
}
