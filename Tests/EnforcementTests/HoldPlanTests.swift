import Signals
import Testing

@testable import Enforcement

@Suite("What an order asks for")
struct HoldPlanTests {
    private func parts() -> VMParts {
        var parts = VMParts(vcpus: 2)
        parts.disks = ["vda", "vdb"]
        parts.interfaces = [.init(device: "vnet1"), .init(device: "vnet2", bandwidthTrouble: "Open vSwitch")]
        parts.memory = 4 << 30
        parts.hasBalloon = true
        parts.softLimitIsHigh = false
        parts.hostCPUs = CPUSet(0..<8)
        parts.gpus = [.init(address: "0000:01:00.0", isSole: true), .init(address: "0000:02:00.0", isSole: false)]
        return parts
    }

    private func order(_ contention: Contention, _ step: HoldStep = .throttle(0.5)) -> HoldOrder {
        var order = Bench.order()
        order.contention = contention
        order.step = step
        order.use.diskBytes = 100_000_000
        order.use.diskOps = 4_000
        order.use.receive = 2_000_000
        order.use.transmit = 10_000_000
        order.use.usable = 2_000_000_000
        return order
    }

    private func knobs(_ plan: HoldPlan) -> [Knob] { plan.aims.map(\.knob) }

    @Test(
        "Each contention is held back by its own knobs and by no others",
        arguments: [
            (Contention.cpu, [Knob.vcpuQuota]), (.busLock, [.vcpuQuota]), (.disk, [.disk("vda"), .disk("vdb")]),
            (.network, [.receive("vnet1"), .transmit("vnet1")]), (.memory, [.balloon, .memorySoftLimit]),
            (.llc, [.cacheGroup]), (.memoryBandwidth, [.cacheGroup]), (.gpu, [.gpuClocks("0000:01:00.0")]),
            (.power, [.gpuPower("0000:01:00.0")]),
        ]
    )
    func throttles(contention: Contention, expected: [Knob]) {
        let plan = HoldPlan(order(contention), parts: parts())
        #expect(knobs(plan) == expected)
        #expect(!plan.isOnTop)
    }

    @Test(
        "What was not read is held back by nothing, and the reason is told",
        arguments: [Contention.disk, .network, .memory]
    )
    func unread(contention: Contention) {
        var order = order(contention)
        order.use = HoldUse()
        let plan = HoldPlan(order, parts: parts())
        #expect(plan.aims.isEmpty)
        #expect(plan.notes.contains { $0.contains("not read") })
    }

    @Test("A use that is no number is not read", arguments: [Double.nan, .infinity, -1])
    func nonsense(use: Double) {
        var order = order(.disk)
        order.use.diskBytes = use
        order.use.diskOps = use
        #expect(HoldPlan(order, parts: parts()).aims.isEmpty)
    }

    @Test(
        "A VM without the part that is contended is held back by nothing, and the reason is told",
        arguments: [Contention.disk, .network, .memory, .llc, .gpu, .power]
    )
    func partless(contention: Contention) {
        var bare = VMParts(vcpus: 2)
        bare.cacheTrouble = "resctrl is not mounted"
        let plan = HoldPlan(order(contention), parts: bare)
        #expect(plan.aims.isEmpty)
        #expect(!plan.notes.isEmpty)
    }

    @Test("Shares are of the use at the time of the blame, and never below what keeps a guest alive")
    func shares() {
        let full = HoldPlan(order(.disk, .throttle(0.25)), parts: parts())
        #expect(full.aims.first?.aim == .disk(bytes: 25_000_000, ops: 1_000))
        var little = order(.disk, .throttle(0.25))
        little.use.diskBytes = 1_000
        little.use.diskOps = 4
        let least = HoldPlan(little, parts: parts())
        #expect(least.aims.first?.aim == .disk(bytes: DiskPlan.leastBytes, ops: DiskPlan.leastOps))
        let below = HoldPlan(order(.disk, .throttle(0.01)), parts: parts())
        #expect(below.aims.first?.aim == .disk(bytes: 10_000_000, ops: 400))
    }

    @Test("memory.high is set only where the policy allows it")
    func memoryHigh() {
        var unified = parts()
        unified.softLimitIsHigh = true
        #expect(knobs(HoldPlan(order(.memory), parts: unified)) == [.balloon])
        var allowed = order(.memory)
        allowed.allowsMemoryHigh = true
        #expect(knobs(HoldPlan(allowed, parts: unified)) == [.balloon, .memorySoftLimit])
    }

    @Test("A quarantine does what its plan says, on top of what is set already")
    func quarantine() {
        var order = order(.network, .quarantine)
        order.quarantine = QuarantinePlan(cpus: CPUSet([1, 9]), links: .isolate, share: 0.3)
        var parts = parts()
        parts.iothreads = 1
        let plan = HoldPlan(order, parts: parts)
        #expect(plan.isOnTop)
        #expect(
            knobs(plan) == [
                .vcpuQuota, .vcpuPins, .emulatorPins, .iothreadPins, .cacheGroup, .filter("vnet1"), .filter("vnet2"),
            ]
        )
        #expect(plan.aims[0].aim == .cpu(0.3))
        #expect(plan.aims[1].aim == .exactly(.pins([CPUSet([1]), CPUSet([1])])))
        order.quarantine.links = .down
        #expect(knobs(HoldPlan(order, parts: parts)).suffix(2) == [.link("vnet1"), .link("vnet2")])
        order.quarantine.links = .keep
        #expect(knobs(HoldPlan(order, parts: parts)).last == .cacheGroup)
    }

    @Test("Quarantine CPUs that are not online pin nobody, and the reason is told")
    func offline() {
        var order = order(.cpu, .quarantine)
        order.quarantine = QuarantinePlan(cpus: CPUSet([200]))
        let plan = HoldPlan(order, parts: parts())
        #expect(!knobs(plan).contains(.vcpuPins))
        #expect(plan.notes.contains { $0.contains("200") })
        order.quarantine = QuarantinePlan(share: .nan)
        #expect(HoldPlan(order, parts: parts()).aims.first?.aim == .cpu(QuotaPlan.leastShare))
    }

    @Test("A suspension stops the vCPUs and leaves all else")
    func suspension() {
        let plan = HoldPlan(order(.cpu, .suspend), parts: parts())
        #expect(knobs(plan) == [.power])
        #expect(plan.isOnTop)
    }
}
