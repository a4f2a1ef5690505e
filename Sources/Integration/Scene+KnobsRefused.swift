import Enforcement
import Signals

extension Scene {
    /// Suspending and resuming; a guest that something else has stopped is left alone.
    func suspension(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let look = stage.look
        try stage.guest.tell("spin")
        try Wait.seconds(1)
        let free = try cores(look)
        let trial = KnobTrial(
            knob: .power,
            setting: .power(.paused),
            shown: "paused",
            person: ["resume", stage.guest.name],
            theirs: .power(.running)
        )
        try trial.run(on: stage, &report) { (report: inout Report) throws(BedError) in
            let paused = try cores(look)
            report.check(
                paused < 0.005 && free > 0.5,
                "power: it uses \(Report.number(paused)) cores while suspended for \(Report.number(free))"
            )
        }
        let again = try cores(look)
        report.check(again > 0.5, "power: it runs again: \(Report.number(again)) cores")

        try bed.virsh(["qemu-monitor-command", stage.guest.name, "{\"execute\":\"stop\"}"])
        // libvirt hears of it a moment later.
        try Wait.until("libvirt knows that it stopped", limit: 5) { () throws(BedError) in
            try bed.virsh(["domstate", stage.guest.name]).contains("paused")
        }
        let state = try stage.hand.read(.power, of: stage.guest)
        var reason = "\(state)"
        var isOther = false
        if case .power(.other(let text)) = state { (reason, isOther) = (text, true) }
        report.check(isOther, "power: stopped by QEMU itself it reads as \(reason), not as suspended")
        for wanted in [PowerState.running, .paused] {
            let refusal = try stage.hand.refusal(.power, of: stage.guest, .power(wanted))
            let seen = try look.state(.power)
            report.check(
                Self.isRefused(refusal) && seen == "paused",
                "power: to make it \(wanted) is refused, and it stays stopped: \(refusal.map { "\($0)" } ?? "")"
            )
        }
        try bed.virsh(["qemu-monitor-command", stage.guest.name, "{\"execute\":\"cont\"}"])
        try Wait.until("it runs again", limit: 5) { () throws(BedError) in
            try bed.virsh(["domstate", stage.guest.name]).contains("running")
        }
    }

    /// What a guest does not have, what libvirt does not have, and what no knob of that kind can be set to.
    func refusals(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let plain = victims[0]
        let quota = Setting.quota(VCPUQuota(period: 100_000, quota: 20_000))
        let missing: [(Knob, Guest, Setting)] = [
            (.iothreadQuota, plain, quota), (.iothreadPins, plain, .pins([CPUSet([0])])),
            (.disk("vdz"), stage.guest, .disk(DiskLimit(["total_iops": 1]))),
            (.receive("nodev0"), stage.guest, .bandwidth(Bandwidth(average: 1))),
            (.link(plain.tap), stage.guest, .link(false)), (.filter("nodev0"), stage.guest, .filter(.isolate)),
        ]
        for (knob, guest, setting) in missing {
            var answers: [String] = []
            for wanted in [nil, setting] {
                if case .partGone(let text) = try stage.hand.refusal(knob, of: guest, wanted) { answers.append(text) }
            }
            report.check(
                answers.count == 2,
                "\(knob) of \(guest.name): gone to read and to set: \(answers.first ?? "")"
            )
        }
        let look = stage.look
        let wrong: [(Knob, Setting)] = [
            (.vcpuQuota, .shares(2)), (.cpuShares, quota), (.disk("vda"), .bandwidth(Bandwidth(average: 1))),
            (.balloon, .memory(nil)), (.power, .link(false)), (.vcpuPins, .pins([])),
            (.vcpuPins, .pins([CPUSet([900])])),
            (.vcpuQuota, .quota(VCPUQuota(period: 100_000, quota: 500))),
            (.filter(stage.guest.tap), .filter(NetworkFilter(name: "no-such"))),
            (.cacheGroup, .cacheGroup("")), (.gpuPower("0000:01:00.0"), .milliwatts(1)),
        ]
        for (knob, setting) in wrong {
            let isLibvirts = knob != .cacheGroup && knob != .gpuPower("0000:01:00.0")
            let before = isLibvirts ? try look.state(knob) : ""
            let refusal = try stage.hand.refusal(knob, of: stage.guest, setting)
            let after = isLibvirts ? try look.state(knob) : ""
            report.check(
                Self.isRefused(refusal) && after == before,
                "\(knob) to what it cannot be: refused, \(after.isEmpty ? "" : "still \(after): ")"
                    + (refusal.map { "\($0)" } ?? "no error")
            )
        }
    }

    private func cores(_ look: KnobLook) throws(BedError) -> Double {
        let threads = look.threads("CPU ")
        return try KnobLook.rate(2) { () throws(BedError) in look.seconds(of: threads) }
    }
}
