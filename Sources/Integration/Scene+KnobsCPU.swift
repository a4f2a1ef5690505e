import Signals

extension Scene {
    /// CPU bandwidth of vCPUs, emulator and I/O threads.
    func cpuQuotas(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let look = stage.look
        let vcpus = look.threads("CPU ")
        // A guest of great weight that spins: what it takes is missing to the victims, which spin too.
        let weight = try look.state(.cpuShares)
        try weigh(stage.guest, weight == "100" ? "800" : "8192")
        for guest in victims + [stage.guest] { try guest.tell("spin") }
        try Wait.seconds(2)
        let (free, hurt) = try load(of: vcpus, look)
        let share = Setting.quota(VCPUQuota(period: 100_000, quota: 20_000))
        let person = Setting.quota(VCPUQuota(period: 100_000, quota: 45_000))
        let shown = "20000/100000 µs"
        let vcpuTrial = stage.scheduler(
            .vcpuQuota,
            share,
            shown: "\(shown), \(shown)",
            person: "vcpu_quota=45000",
            theirs: person
        )
        try vcpuTrial.run(on: stage, &report) { (report: inout Report) throws(BedError) in
            try Wait.seconds(1)
            let (held, relieved) = try load(of: vcpus, look)
            report.check(
                held > 0.2 && held < 0.44 && free > held * 2,
                "vcpu-quota: two spinning vCPUs use \(Report.number(held)) cores for \(Report.number(free)); 0.4 allowed"
            )
            report.check(
                relieved > hurt * 1.5,
                "vcpu-quota: the victims get \(Report.number(relieved)) cores for \(Report.number(hurt))"
            )
        }
        try weigh(stage.guest, weight)
        try rest()

        let flood = try PacketFlood(through: bed.bridge, to: stage.guest)
        defer { flood.stop() }
        try stage.guest.tell("log")
        try Wait.seconds(1)
        for (knob, threads, name) in [
            (Knob.emulatorQuota, [stage.guest.pid], "emulator"),
            (.iothreadQuota, look.threads("IO iothread"), "iothread"),
        ] {
            let free = try KnobLook.rate(2) { () throws(BedError) in look.seconds(of: threads) }
            // A quarter of what they use, but no less than libvirt takes.
            let quota = max(1_000, Int64(free * 25_000))
            let trial = stage.scheduler(
                knob,
                .quota(VCPUQuota(period: 100_000, quota: quota)),
                shown: "\(quota)/100000 µs",
                person: "\(name)_quota=45000",
                theirs: person
            )
            try trial.run(on: stage, &report) { (report: inout Report) throws(BedError) in
                try Wait.seconds(1)
                let held = try KnobLook.rate(2) { () throws(BedError) in look.seconds(of: threads) }
                let most = Double(quota) / 100_000
                report.check(
                    held < most * 1.15 && free > held * 2,
                    "\(knob): they use \(Report.number(held * 100)) % of a core for \(Report.number(free * 100)) %; "
                        + "\(Report.number(most * 100)) % allowed"
                )
            }
        }
    }

    /// The CPU weight: two guests with two vCPUs each that both spin.
    func cpuWeight(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        try noisy.tell("spin")
        try stage.guest.tell("spin")
        try Wait.seconds(1)
        let even = try proportion(stage)
        let before = try stage.look.state(.cpuShares)
        let low = before == "100" ? UInt64(10) : 102
        let person = before == "100" ? UInt64(70) : 700
        let trial = stage.scheduler(
            .cpuShares,
            .shares(low),
            shown: "\(low)",
            person: "cpu_shares=\(person)",
            theirs: .shares(person)
        )
        try trial.run(on: stage, &report) { (report: inout Report) throws(BedError) in
            try Wait.seconds(1)
            let uneven = try proportion(stage)
            report.check(
                uneven < even / 3,
                "cpu-shares: beside an equal it gets \(Report.number(uneven)) of the other's time for \(Report.number(even))"
            )
        }
    }

    /// Pins of vCPUs, emulator and I/O threads.
    func cpuPins(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let look = stage.look
        let first = CPUSet([0])
        let second = CPUSet([1])
        let name = stage.guest.name
        try stage.guest.tell("spin")
        let vcpus = KnobTrial(
            knob: .vcpuPins,
            setting: .pins([first, first]),
            shown: "0 and 0",
            person: ["vcpupin", name, "0", "1", "--live"],
            theirs: .pins([second, first])
        )
        try vcpus.run(on: stage, &report) { (report: inout Report) throws(BedError) in
            let threads = look.threads("CPU ")
            var seen: Set<Int> = []
            let used = try KnobLook.rate(2) { () throws(BedError) in
                seen.formUnion(look.cpus(of: threads))
                return look.seconds(of: threads)
            }
            for _ in 0..<20 {
                seen.formUnion(look.cpus(of: threads))
                try Wait.seconds(0.02)
            }
            report.check(
                seen == [0] && used < 1.05,
                "vcpu-pins: two spinning vCPUs share CPU 0: seen on \(seen.sorted()), \(Report.number(used)) cores"
            )
        }
        let others: [(Knob, String, [String])] = [
            (.emulatorPins, "emulatorpin", ["1"]), (.iothreadPins, "iothreadpin", ["1", "1"]),
        ]
        for (knob, command, words) in others {
            let trial = KnobTrial(
                knob: knob,
                setting: .pins([first]),
                shown: "0",
                person: [command, name] + words + ["--live"],
                theirs: .pins([second])
            )
            try trial.run(on: stage, &report)
        }
    }

    /// The cores that some threads use, and those that the victims use.
    private func load(of threads: [Int32], _ look: KnobLook) throws(BedError) -> (threads: Double, victims: Double) {
        let start = Moment.now
        let used = look.seconds(of: threads)
        let got = victims.reduce(0) { $0 + $1.usage.run }
        try Wait.seconds(4)
        let length = start.age
        return (
            (look.seconds(of: threads) - used) / length,
            (victims.reduce(0) { $0 + $1.usage.run } - got) / length
        )
    }

    /// Gives a guest a weight, as whoever sold it would.
    private func weigh(_ guest: Guest, _ shares: String) throws(BedError) {
        try bed.virsh(["schedinfo", guest.name, "--live", "--set", "cpu_shares=\(shares)"])
    }

    /// The CPU time of the guest for that of the noisy one, over three seconds.
    private func proportion(_ stage: KnobStage) throws(BedError) -> Double {
        let before = (stage.guest.usage.run, noisy.usage.run)
        try Wait.seconds(3)
        return (stage.guest.usage.run - before.0) / max(0.001, noisy.usage.run - before.1)
    }
}
