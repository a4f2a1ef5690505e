public import Signals

/// A host whose VMs follow a script: it makes the frames that the sampler would make on a real host.
///
/// The CPUs are shared as a fair scheduler shares them: every VM gets its demand up to an equal share by weight, and
/// what is left goes to those who want more (max-min fairness). A VM waits for what it does not get, and while more is
/// asked for than there is, also at each wake-up behind those who run: both show as run delay. A cap limits what a VM
/// may use; what it would have used beyond shows as throttled time.
public struct ScriptedHost: Sendable {
    /// The frame of the last tick.
    public private(set) var frame: Frame
    /// The second of the script that the last tick stands at; 0 before the first.
    public private(set) var second: Double = 0

    private var vms: [ScriptedVM]
    private var caps: [VMIdentity: Double] = [:]
    private var random: SplitMix64
    private let start: MonotonicTime
    private let period: Double

    /// A host with all its VMs running.
    ///
    /// - Parameters:
    ///   - vms: The VMs.
    ///   - hostCPUs: CPUs of the host.
    ///   - seed: The seed of all that wobbles.
    ///   - start: The moment of second 0.
    ///   - period: Seconds after which the script begins again; endless for never.
    public init(
        vms: [ScriptedVM] = ScriptedVM.demoHost,
        hostCPUs: Int = 8,
        seed: UInt64 = 1,
        start: MonotonicTime = MonotonicTime(seconds: 1_000),
        period: Double = .infinity
    ) {
        self.vms = vms
        self.frame = Frame(hostCPUs: hostCPUs)
        self.random = SplitMix64(seed: seed)
        self.start = start
        self.period = period
        for vm in vms { _ = frame.place(vm.record) }
    }

    /// Limits the share of its time that each vCPU of a VM may run, as a quota does.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - share: The share, or `nil` for no limit.
    public mutating func cap(_ vm: VMIdentity, to share: Double?) {
        caps[vm] = share
    }

    /// The limit that is set on a VM, as a share of each vCPU's time; `nil` for none.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: The share.
    public func cap(of vm: VMIdentity) -> Double? { caps[vm] }

    /// Notes that Quell holds a VM back in the VM's record.
    ///
    /// - Parameter order: What is in force.
    public mutating func hold(_ order: HoldOrder) {
        guard let slot = frame.slot(of: order.vm) else { return }
        frame[record: slot]?.hold(order)
    }

    /// Notes that Quell holds a VM back no more in the VM's record.
    ///
    /// - Parameter key: The hold that is over.
    public mutating func letGo(_ key: HoldKey) {
        guard let slot = frame.slot(of: key.vm) else { return }
        frame[record: slot]?.letGo(key.contention)
    }

    /// Goes on by one tick and writes the frame anew.
    ///
    /// - Parameter seconds: The length of the tick, above 0.
    public mutating func advance(bySeconds seconds: Double = 1) {
        second += seconds
        frame.begin(at: start.advanced(bySeconds: second))
        let capacity = Double(frame.hostCPUs)
        let place = place
        let wanted = vms.map { vm in
            min(Double(vm.record.vcpus), max(0, vm.cores(at: place) * (1 + 0.04 * random.normal() / 3.5)))
        }
        let limits = vms.map { vm in (caps[vm.record.identity] ?? 1) * Double(vm.record.vcpus) }
        let asked = zip(wanted, limits).map { min($0, $1) }
        let used = Self.share(capacity, among: asked, weights: vms.map(\.record.weight))
        let load = asked.reduce(0, +) / capacity

        for (index, vm) in vms.enumerated() {
            let vcpus = Double(vm.record.vcpus)
            let unmet = max(0, asked[index] - used[index]) / vcpus
            let queueing = min(1, used[index] / vcpus) * max(0, load - 0.95)
            let calm = 0.003 * (1 + 0.3 * random.normal() / 3.5) * min(1, load)
            let delay = calm + unmet + queueing
            let throttled = max(0, wanted[index] - limits[index]) / vcpus
            write(VMSlot(index), usage: used[index], delay: delay, throttled: throttled, memory: memory(of: vm))
        }
        frame[host: .hostCPUPressure] = Reading(min(1, max(0, load - 0.7)))
        frame[host: .hostRunQueue] = Reading(asked.reduce(0, +))
    }

    private mutating func write(
        _ slot: VMSlot,
        usage: Double,
        delay: Double,
        throttled: Double,
        memory: (Double, Double)
    ) {
        frame[slot, .cpuUsage] = Reading(usage)
        frame[slot, .cpuRunDelay] = Reading(delay)
        frame[slot, .cpuThrottled] = Reading(throttled)
        frame[slot, .cpuPressureSome] = Reading(min(1, delay + throttled))
        frame[slot, .cpuPressureFull] = Reading(min(1, (delay + throttled) * 0.4))
        frame[slot, .memRSS] = Reading(memory.0)
        frame[slot, .memGrowth] = Reading(memory.1)
        frame[slot, .memPressureSome] = Reading(0)
        frame[slot, .memPressureFull] = Reading(0)
        frame[slot, .ioPressureSome] = Reading(0.001)
        frame[slot, .ioPressureFull] = Reading(0)
        frame[slot, .diskReadBytes] = Reading(40_000)
        frame[slot, .diskWriteBytes] = Reading(120_000)
        frame[slot, .netRxBytes] = Reading(usage * 2e6)
        frame[slot, .netTxBytes] = Reading(usage * 3e6)
        frame[slot, .netRxPackets] = Reading(usage * 1_800)
        frame[slot, .netTxPackets] = Reading(usage * 2_400)
    }

    private func memory(of vm: ScriptedVM) -> (held: Double, growth: Double) {
        let growing = place > 30 ? vm.leak : 0
        return (vm.memory + growing * max(0, place - 30), growing)
    }

    /// The second of the script since it last began.
    private var place: Double { second.truncatingRemainder(dividingBy: period) }

    /// Shares a capacity among demands by weight, max-min fair: nobody gets more than asked, what is left is shared on.
    static func share(_ capacity: Double, among asked: [Double], weights: [Double]) -> [Double] {
        var given = [Double](repeating: 0, count: asked.count)
        var open = asked.indices.filter { asked[$0] > 0 }
        var left = capacity
        while !open.isEmpty, left > 1e-9 {
            let weight = open.reduce(0) { $0 + weights[$1] }
            let satisfied = open.filter { asked[$0] <= left * weights[$0] / weight }
            if satisfied.isEmpty {
                for index in open { given[index] = left * weights[index] / weight }
                break
            }
            for index in satisfied {
                given[index] = asked[index]
                left -= asked[index]
            }
            open.removeAll { satisfied.contains($0) }
        }
        return given
    }
}
