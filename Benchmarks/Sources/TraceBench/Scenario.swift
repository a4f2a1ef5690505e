internal import Demo
internal import Signals

/// A host whose story is known: who must be told, who may be, and who is to blame.
struct Scenario: Sendable {
    /// A VM and the signals that speak of it, by the beginning of their names.
    struct Mark: Encodable, Sendable {
        /// The VM.
        var vm: String
        /// Beginnings of the names of signals.
        var signals: [String]

        init(_ vm: String, _ signals: String...) {
            self.vm = vm
            self.signals = signals
        }
    }

    /// Its name, and the file's.
    var name: String
    /// Its length in seconds.
    var seconds: Int
    /// At least one rule on one of the signals must begin to fire for each.
    var must: [Mark] = []
    /// What else is no false alarm: whoever suffers from what happens, and the doer itself.
    var may: [Mark] = []
    /// The only VM that may be blamed; `nil` where nobody may be.
    var culprit: String?
    /// Whether somebody must be blamed.
    var mustBlame = false
    /// The VMs.
    var vms: [ScriptedVM] = Scenario.calmVMs
    /// What happens beyond the script: changes the frame of a second.
    var happen: @Sendable (inout Frame, Int, inout SplitMix64) -> Void = { _, _, _ in }

    /// The demo's VMs without their noise and their leak.
    static let calmVMs: [ScriptedVM] = ScriptedVM.demoHost.map { vm in
        var vm = vm
        vm.leak = 0
        if case .noisy(let low, _, _, _) = vm.demand { vm.demand = .steady(low) }
        return vm
    }

    /// The demo's VMs, the noise from minute 10 to minute 12.
    static let noisyVMs: [ScriptedVM] = ScriptedVM.demoHost.map { vm in
        var vm = vm
        vm.leak = 0
        if case .noisy(let low, let high, _, _) = vm.demand {
            vm.demand = .noisy(low: low, high: high, from: 600, until: 720)
        }
        return vm
    }

    /// Everybody but the noisy VM, as far as the CPU goes.
    private static let onCPU = Scenario.calmVMs.map { Mark($0.record.name, "cpu.") }

    /// All scenarios.
    static let all: [Scenario] = [
        Scenario(name: "quiet-day", seconds: 86_400),
        Scenario(
            name: "noisy-neighbour",
            seconds: 900,
            must: ["shop-web-1", "shop-web-2", "shop-db", "media-encode"].map { Mark($0, "cpu.") },
            may: onCPU + [Mark("labs-batch", "vm.")],
            culprit: "labs-batch",
            mustBlame: true,
            vms: noisyVMs
        ),
        Scenario(
            name: "leak",
            seconds: 3_600,
            must: [Mark("media-cache", "mem.")],
            vms: calmVMs.map { vm in
                var vm = vm
                if vm.record.name == "media-cache" { vm.leak = 12e6 }
                return vm
            }
        ),
        Scenario(
            name: "packet-flood",
            seconds: 900,
            must: [Mark("labs-ci", "net.")],
            may: [Mark("labs-ci", "vm.")],
            culprit: "labs-ci"
        ) {
            guard (600..<660).contains($1) else { return }
            $0.set("labs-ci", .netTxPackets, 4e5 * (1 + 0.05 * $2.normal()))
            $0.set("labs-ci", .netTxBytes, 3e7 * (1 + 0.05 * $2.normal()))
        },
        Scenario(
            name: "disk-flood",
            seconds: 900,
            must: [Mark("labs-ci", "disk."), Mark("shop-db", "io.")],
            may: calmVMs.map { Mark($0.record.name, "io.", "disk.") } + [Mark("labs-ci", "vm.")],
            culprit: "labs-ci"
        ) {
            guard (600..<660).contains($1) else { return }
            let force = 1 + 0.1 * $2.normal()
            $0.set("labs-ci", .diskWriteBytes, 8e8 * force)
            $0.set("labs-ci", .diskWriteOps, 3e4 * force)
            $0.set("shop-db", .ioPressureFull, min(0.9, 0.45 * force))
            $0.set("shop-db", .ioPressureSome, min(0.95, 0.5 * force))
        },
        Scenario(name: "split-locks", seconds: 900, must: [Mark("labs-ci", "bus.")], culprit: "labs-ci") {
            if (600..<630).contains($1) { $0.set("labs-ci", .busSplitLocks, 60 * (1 + 0.2 * $2.normal())) }
        },
        Scenario(
            name: "own-quota",
            seconds: 900,
            must: [Mark("labs-batch", "cpu.")],
            may: [Mark("labs-batch", "vm.")]
        ) { frame, second, random in
            guard let slot = frame.row("labs-batch"), second >= 600 else { return }
            frame[record: slot]?.ownQuota = 2
            frame[slot, .cpuUsage] = Reading(2 * (1 - 0.01 * random.uniform()))
            frame[slot, .cpuThrottled] = Reading(0.6 + 0.05 * random.normal())
            frame[slot, .cpuPressureSome] = Reading(0.7 + 0.05 * random.normal())
        },
        Scenario(name: "restarts-and-gaps", seconds: 1_800) { frame, second, random in
            for row in 0..<frame.capacity {
                for signal in Signal.allCases where random.chance(0.02) { frame[VMSlot(row), signal] = .missing }
                if second % 300 == 150 + row {
                    for signal in Signal.allCases { frame[VMSlot(row), signal] = Reading(0, .reset) }
                }
            }
        },
    ]

    /// Plays it and hands out each frame.
    ///
    /// - Parameters:
    ///   - seed: The seed of all that wobbles.
    ///   - body: Given each frame.
    func play(seed: UInt64, _ body: (Frame) -> Void) {
        var host = ScriptedHost(vms: vms, seed: seed)
        var random = SplitMix64(seed: seed &* 977)
        for second in 1...seconds {
            host.advance()
            var frame = host.frame
            for row in 0..<frame.capacity { Self.wobble(&frame, VMSlot(row), &random) }
            happen(&frame, second, &random)
            body(frame)
        }
    }

    /// What the scripted host leaves constant or out, as it wobbles on a real one.
    private static func wobble(_ frame: inout Frame, _ slot: VMSlot, _ random: inout SplitMix64) {
        let usage = frame[slot, .cpuUsage].value
        frame[slot, .memRSS].value += 4_096 * (random.normal() * 20).rounded()
        frame[slot, .memGrowth].value += 4_096 * (random.normal() * 20).rounded()
        frame[slot, .diskReadBytes] = Reading(4_096 * (10 + 3 * random.normal()).rounded())
        frame[slot, .diskWriteBytes] = Reading(4_096 * (30 + 8 * random.normal()).rounded())
        frame[slot, .diskWriteOps] = Reading((12 + 3 * random.normal()).rounded())
        frame[slot, .netTxPackets].value *= 1 + 0.1 * random.normal()
        frame[slot, .netRxPackets].value *= 1 + 0.1 * random.normal()
        frame[slot, .perfCPI] = Reading(1.1 + 0.03 * random.normal())
        frame[slot, .llcOccupancy] = Reading(65_536 * (40 + 4 * random.normal()).rounded())
        frame[slot, .mbmTotal] = Reading(max(0, usage * 4e8 * (1 + 0.1 * random.normal())))
        for signal in [
            Signal.netDrops, .netErrors, .netMulticast, .netSpoofed, .busSplitLocks, .memSwapIn, .memOOMEvents,
        ] {
            frame[slot, signal] = Reading(0)
        }
    }
}

extension Frame {
    /// The row of a VM by its name.
    func row(_ name: String) -> VMSlot? { records.firstIndex { $0?.name == name }.map { VMSlot($0) } }

    /// Sets a reading of a VM by its name.
    mutating func set(_ name: String, _ signal: Signal, _ value: Double) {
        if let slot = row(name) { self[slot, signal] = Reading(value) }
    }
}
