import Foundation
import Glibc

extension Scene {
    /// A guest's monitor hangs, then libvirtd is killed and started again: the ticks go on, and so does the rest.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func faultyHost(_ report: inout Report) throws(BedError) {
        try work()
        // A rule of memory that fires on every guest, so that each is asked about on suspicion.
        let everywhere = bed.directory + "/faults-memory.yaml"
        try Files.write(Self.memoryEverywhere, to: everywhere)
        let (daemon, _) = try daemon("faults", ["--slow-tier", "5", "--policy", everywhere])
        let start = Moment.now
        let isMeasured = try seen(within: 30) { () throws(BedError) in
            try daemon.vms().count { $0.readings["mem.dirty_rate"] != nil } == guests.count
        }
        report.check(isMeasured, "on suspicion the dirty rate of all guests is measured within \(seconds(start.age))")
        try Wait.seconds(Self.warmUp)

        let hung = victims[0]
        Glibc.kill(hung.pid, SIGSTOP)
        let before = try daemon.status()
        let silence = try watch(hung, with: daemon, for: 25)
        let after = try daemon.status()
        Glibc.kill(hung.pid, SIGCONT)
        let passed = after.ticks - before.ticks
        report.check(passed >= 20, "\(passed) ticks in 25 s while \(hung.name) hangs; each comes once a second")
        report.check(after.vms == guests.count, "all \(guests.count) guests are still watched")
        report.check(
            silence.told.map { $0 <= 20 } ?? false,
            "libvirt.latency of \(hung.name) exceeds the deadline of 5 s after \(seconds(silence.told)), at the end it is "
                + "\(seconds(silence.last))"
        )
        report.check(silence.kernel >= 20, "its kernel-tier signals are read on: \(silence.kernel) times")
        report.check(
            (silence.others.values.map(\.count).min() ?? 0) >= 2 && silence.others.count == guests.count - 1,
            "libvirt goes on to answer about the others: "
                + silence.others.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.count) times" }.joined(
                    separator: ", "
                )
        )
        let isWell = try seen(within: 20) { () throws(BedError) in
            try daemon.vms().first { $0.name == hung.name }?.fresh("libvirt.latency").map { $0 < 1 } ?? false
        }
        report.check(isWell, "once it runs again libvirt answers about it as before")

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

    private static let memoryEverywhere = """
        version: 1
        rules:
          - name: memory-everywhere
            signal: mem.rss
            role: suspect
            above: 1 MiB
            severity: info

        """

    /// What the daemon said while a guest hung.
    private struct Silence {
        /// Seconds until its `libvirt.latency` exceeded the deadline.
        var told: Double?
        /// What it was last.
        var last: Double?
        /// Looks at which the guest's own CPU time was one of the last tick.
        var kernel = 0
        /// The times that libvirt's answers about each of the others took: no two are the same.
        var others: [String: Set<Double>] = [:]
    }

    /// Looks twice a second at what the daemon says while a guest hangs.
    private func watch(
        _ hung: Guest,
        with daemon: Quelld,
        for limit: Double
    ) throws(BedError) -> Silence {
        var silence = Silence()
        for guest in guests where guest.name != hung.name { silence.others[guest.name] = [] }
        let start = Moment.now
        while start.age < limit {
            for vm in try daemon.vms() {
                let latency = vm.fresh("libvirt.latency")
                if vm.name == hung.name {
                    if vm.fresh("cpu.usage") != nil { silence.kernel += 1 }
                    if let latency, latency > 5 {
                        silence.told = silence.told ?? start.age
                        silence.last = latency
                    }
                    continue
                }
                if let latency { silence.others[vm.name, default: []].insert(latency) }
            }
            try Wait.seconds(0.4)
        }
        return silence
    }
}
