import Foundation

/// The two runs that tell what watching guests costs.
enum CostRun {
    /// quelld beside collectd's virt plugin and prometheus-libvirt-exporter, one after the other on the same guests.
    ///
    /// - Parameters:
    ///   - bed: Where.
    ///   - guests: How many guests.
    ///   - report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    static func peers(on bed: Bed, guests: Int, _ report: inout Report) throws(BedError) {
        let herd = try Herd(guests, on: bed, floor: 2_048)
        let count = herd.pids.count
        let watch = CostWatch(bed: bed, herd: herd)
        report.check(count == guests, "\(count) of \(guests) guests run")
        try Wait.seconds(10)
        var idle = try watch.stretch(30)
        watch.show(idle: idle)
        var rows: [(title: String, cost: Bill, figures: Int)] = []
        // quelld asks about idle disks every two minutes: its time must be a multiple of that.
        let agents: [(any Agent, Int)] = [
            (ExporterAgent(on: bed), 40), (CollectdAgent(on: bed), 40),
            (try QuelldAgent(on: bed, guests: count), 120),
        ]
        for (agent, seconds) in agents {
            let (extra, figures) = try watch.cost(of: agent, seconds: seconds, idle: &idle)
            let cost = extra.bill * (1e6 / Double(count * extra.beats))
            rows.append((agent.title, cost, figures))
            say("  \(agent.title): \(extra.beats) ticks in \(Report.number(extra.seconds)) s")
            watch.show(idle: idle)
        }
        say("CPU in µs per guest and tick, \(count) guests:")
        say("  agent itself | libvirtd | QEMU | whole | figures of a guest")
        for row in rows {
            let parts = [row.cost.agent, row.cost.libvirtd, row.cost.qemu, row.cost.whole].map { Report.number($0) }
            say("  \(row.title): \(parts.joined(separator: " | ")) | \(row.figures)")
        }
        let own = rows[2].cost.whole
        let ratios = rows.prefix(2).map { $0.cost.whole / own }
        say("  journald for quelld: \(Report.number(rows[2].cost.journald)) µs per guest and tick, not counted above")
        report.check(ratios[0] >= 20, "\(Report.number(ratios[0])) times less than the exporter; at least 20")
        report.check(ratios[1] >= 5, "\(Report.number(ratios[1])) times less than collectd; at least 5")
        report.check(
            rows[2].figures >= max(rows[0].figures, rows[1].figures),
            "quelld gives no fewer figures of a guest than either"
        )
    }

    /// quelld alone on many guests: its whole cost, its memory and its beat, at first in peace, then beside a CPU hog.
    ///
    /// - Parameters:
    ///   - bed: Where.
    ///   - guests: How many guests are wanted; the host's memory may allow fewer.
    ///   - report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    static func thousand(on bed: Bed, guests: Int, _ report: inout Report) throws(BedError) {
        let herd = try Herd(guests, on: bed, floor: 3_072)
        let count = herd.pids.count
        let watch = CostWatch(bed: bed, herd: herd)
        say("\(count) of \(guests) guests run, each QEMU with \(herd.privateMemory) KiB of its own memory")
        try Wait.seconds(20)
        let before = try watch.stretch(30)
        watch.show(idle: before)
        let agent = try QuelldAgent(on: bed, guests: count)
        try agent.start()
        say("  quelld watches all guests")
        _ = try watch.stretch(Int(agent.settling), agent)

        let calm = try watch.stretch(120, agent)
        show("in peace", calm, idle: before, count, try agent.status())
        let hog = try bed.launch(["stress-ng", "--quiet", "--cpu", "1", "--taskset", "1"], log: "stress-ng")
        // The status tells of the last 300 ticks, which must all lie in this stretch.
        let loud = try watch.stretch(310, agent)
        let status = try agent.status()
        hog.end()
        let figures = try agent.figures(of: herd.names[0])
        let memory = agent.pid.map { Self.memory(of: $0) } ?? [:]
        agent.stop()
        try Wait.seconds(5)
        let after = try watch.stretch(30)
        watch.show(idle: after)
        show("beside stress-ng", loud, idle: after, count, status)

        // The lower of the two, so that what nobody caused is not taken off the bill.
        let quiet = Bill(
            libvirtd: min(before.rate.libvirtd, after.rate.libvirtd),
            qemu: min(before.rate.qemu, after.rate.qemu)
        )
        let cores = (calm.rate - quiet).whole
        report.check(
            cores < 0.05 * Double(count) / 1_000,
            "\(Report.number(cores * 100)) % of a core for \(count) guests, libvirtd and QEMU counted; under 5 % for 1,000"
        )
        if count < guests {
            let scaled = Report.number(cores * 100 * Double(guests) / Double(count))
            say("  extrapolated in proportion, not measured: \(scaled) % for \(guests)")
        }
        let peak = memory["VmHWM"] ?? 0
        let resident = memory["VmRSS"] ?? 0
        report.check(
            peak > 0 && peak < 64 * 1_024,
            "\(resident) KiB resident, at most \(peak) KiB ever; under 64 MiB"
        )
        let lag = status.tickLagP99 ?? .infinity
        report.check(
            lag < 0.01,
            "99 of 100 ticks begin \(Report.number(lag * 1_000)) ms late at most beside stress-ng; under 10 ms"
        )
        say("  it gives \(figures) figures of a guest")
        try scrapes(on: bed, count)
    }

    /// Tells what a scrape costs, by a daemon of its own: metrics are off by default, and so in what was measured before.
    private static func scrapes(on bed: Bed, _ count: Int) throws(BedError) {
        let path = bed.directory + "/metrics.sock"
        let agent = try QuelldAgent(on: bed, guests: count, arguments: ["--metrics", "unix:" + path])
        try agent.start()
        try Wait.seconds(agent.settling)
        let before = agent.pid.map { Self.memory(of: $0) } ?? [:]
        let cpu = agent.pid.flatMap { CPUMeter.seconds(of: $0) } ?? 0
        var bytes = 0
        var worst = 0.0
        let rounds = 10
        for _ in 0..<rounds {
            let start = Moment.now
            bytes = try Shell.run(["curl", "-fsS", "--unix-socket", path, "http://quell/metrics"]).utf8.count
            worst = max(worst, start.age)
            try Wait.seconds(1)
        }
        let used = (agent.pid.flatMap { CPUMeter.seconds(of: $0) } ?? 0) - cpu
        let after = agent.pid.map { Self.memory(of: $0) } ?? [:]
        agent.stop()
        say(
            "  \(rounds) scrapes of \(bytes) bytes: \(Report.number(worst * 1_000)) ms at most with curl's start, "
                + "\(Report.number(used / Double(rounds) * 1_000)) ms of CPU a second with one scrape and one tick; "
                + "\(before["VmRSS"] ?? 0) KiB resident before, \(after["VmRSS"] ?? 0) after, \(after["VmHWM"] ?? 0) at most"
        )
    }

    /// Prints a stretch as percents of a core.
    private static func show(
        _ title: String,
        _ stretch: CostWatch.Stretch,
        idle: CostWatch.Stretch,
        _ count: Int,
        _ status: Quelld.Status
    ) {
        let rate = stretch.rate - Bill(libvirtd: idle.rate.libvirtd, qemu: idle.rate.qemu, journald: idle.rate.journald)
        let parts = [rate.agent, rate.libvirtd, rate.qemu, rate.whole].map { Report.number($0 * 100) }
        let lags = [status.tickLagP99, status.tickLagWorst].map { $0.map { Report.number($0 * 1_000) } ?? "?" }
        say(
            "  \(title) (load average \(Measure.load)): quelld \(parts[0]) %, libvirtd \(parts[1]) %, QEMU \(parts[2]) %, "
                + "whole \(parts[3]) % of a core over \(Report.number(stretch.seconds)) s, journald "
                + "\(Report.number(rate.journald * 100)) %; ticks late by \(lags[0]) ms (99 of 100), \(lags[1]) ms (all)"
        )
    }

    /// What a process holds, in KiB by the kernel's names (`/proc/<pid>/status`).
    private static func memory(of pid: Int32) -> [String: Int] {
        var sizes: [String: Int] = [:]
        for line in (Files.text("/proc/\(pid)/status") ?? "").split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" })
            if words.count == 3, words[2] == "kB" { sizes[String(words[0])] = Int(words[1]) }
        }
        return sizes
    }
}
