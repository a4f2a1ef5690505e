import Foundation
import Glibc

extension Scene {
    /// A guest's monitor hangs, then libvirtd is killed and started again: the ticks go on, and so does the rest.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func faultyHost(_ report: inout Report) throws(BedError) {
        try work()
        let (daemon, _) = try daemon("faults")
        let start = Moment.now
        try Wait.seconds(Self.warmUp)

        let hung = victims[0]
        Glibc.kill(hung.pid, SIGSTOP)
        let before = try daemon.status()
        try Wait.seconds(15)
        let after = try daemon.status()
        Glibc.kill(hung.pid, SIGCONT)
        let passed = after.ticks - before.ticks
        report.check(passed >= 10, "\(passed) ticks in 15 s while \(hung.name) hangs; each comes once a second")
        report.check(after.vms == guests.count, "all \(guests.count) guests are still watched")

        try bed.killLibvirtd()
        let away = try seen(within: 20) { () throws(BedError) in try !daemon.status().libvirt }
        report.check(away, "libvirtd is killed, and the daemon knows")
        let alone = try daemon.status()
        try Wait.seconds(5)
        let still = try daemon.status()
        report.check(still.ticks - alone.ticks >= 3, "\(still.ticks - alone.ticks) ticks in 5 s without libvirtd")
        try bed.startLibvirtd()
        let back = try seen(within: 60) { () throws(BedError) in try daemon.status().libvirt }
        report.check(back, "libvirtd is started again, and the daemon has found it")
        for edge in ["lost", "back"] {
            let isTold = try seen(within: 10) { () throws(BedError) in
                try bed.journal.records(since: start).contains { $0.text.contains("libvirt is \(edge)") }
            }
            report.check(isTold, "the journal tells that the connection to libvirt is \(edge)")
        }

        try Wait.seconds(10)
        let outbreak = try breakOut()
        report.check(outbreak.throttled != nil, "noise is held \(seconds(outbreak.throttled)) after it began")
        report.check(outbreak.wronglyHeld.isEmpty, "wrongly held: \(list(outbreak.wronglyHeld))")
        report.check(try calmDown(outbreak.watch) != nil, "and let go once it is quiet: \(quotaText)")
        endWell(daemon, &report)
        try rest()
    }

    /// Waits until something is so.
    private func seen(
        within limit: Double,
        _ condition: () throws(BedError) -> Bool
    ) throws(BedError) -> Bool {
        let start = Moment.now
        while try !condition() {
            if start.age > limit { return false }
            try Wait.seconds(0.2)
        }
        return true
    }
}
