import Signals
import Testing

@testable import Enforcement

/// A kind of order: what a VM is held back over and how far, first and after a step.
struct OrderKind: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var contention: Contention
    var step: HoldStep
    var next: HoldStep
    var links = QuarantinePlan.Links.keep

    /// One of every kind.
    static let all: [OrderKind] = [
        OrderKind(testDescription: "cpu", contention: .cpu, step: .throttle(0.6), next: .throttle(0.3)),
        OrderKind(testDescription: "bus lock", contention: .busLock, step: .throttle(0.5), next: .throttle(0.2)),
        OrderKind(testDescription: "disk", contention: .disk, step: .throttle(0.5), next: .throttle(0.25)),
        OrderKind(testDescription: "network", contention: .network, step: .throttle(0.5), next: .throttle(0.25)),
        OrderKind(testDescription: "memory", contention: .memory, step: .throttle(0.7), next: .throttle(0.4)),
        OrderKind(testDescription: "cache", contention: .llc, step: .throttle(0.5), next: .quarantine),
        OrderKind(
            testDescription: "bandwidth",
            contention: .memoryBandwidth,
            step: .throttle(0.5),
            next: .throttle(0.2)
        ),
        OrderKind(testDescription: "gpu", contention: .gpu, step: .throttle(0.8), next: .throttle(0.6)),
        OrderKind(testDescription: "power", contention: .power, step: .throttle(0.8), next: .throttle(0.6)),
        OrderKind(testDescription: "cpu quarantine", contention: .cpu, step: .throttle(0.3), next: .quarantine),
        OrderKind(
            testDescription: "anti-spoof",
            contention: .network,
            step: .quarantine,
            next: .suspend,
            links: .antiSpoof
        ),
        OrderKind(
            testDescription: "isolate",
            contention: .network,
            step: .quarantine,
            next: .quarantine,
            links: .isolate
        ),
        OrderKind(
            testDescription: "links down",
            contention: .disk,
            step: .quarantine,
            next: .throttle(0.5),
            links: .down
        ),
        OrderKind(testDescription: "suspend", contention: .memory, step: .suspend, next: .throttle(0.5)),
    ]

    /// The order for a VM.
    func order(_ vm: VMIdentity, step: HoldStep? = nil, term: Double = 300) -> HoldOrder {
        Bench.order(vm, over: contention, step ?? self.step, links: links, term: term)
    }

    /// The order of the step after.
    func nextOrder(_ vm: VMIdentity, term: Double = 300) -> HoldOrder { order(vm, step: next, term: term) }
}

extension Bench {
    /// An order of any kind, with everything known of what the VM used.
    static func order(
        _ vm: VMIdentity,
        over contention: Contention,
        _ step: HoldStep,
        links: QuarantinePlan.Links = .keep,
        term: Double = 300
    ) -> HoldOrder {
        var order = Bench.order(vm, term: term)
        order.contention = contention
        order.step = step
        order.vcpus = 4
        order.use.diskBytes = 200e6
        order.use.diskOps = 8_000
        order.use.receive = 50e6
        order.use.transmit = 80e6
        order.use.usable = Double(4 << 30)
        order.allowsMemoryHigh = true
        order.quarantine = QuarantinePlan(cpus: CPUSet(6..<8), links: links, share: 0.2)
        return order
    }
}
