import Libvirt
import Sampling
import Signals
import Synchronization
import Testing

@testable import QuellRuntime

/// A libvirt of a test's own: which VMs hang, which are gone, and what it was asked.
private final class ScriptedLibvirt: SlowSource, Sendable {
    struct State {
        /// VMs whose QEMU hangs: the first call that comes to one of them never ends.
        var hung: Set<VMUUID> = []
        /// Hung VMs that a call of ours holds since a moment.
        var held: [VMUUID: Double] = [:]
        /// Where nothing is answered at all, and why.
        var failure: LibvirtError.Code?
        var measures = true
        /// Whether QEMU tells of measurements of the dirty rate.
        var tellsDirtyRate = true
        /// Requests to every disk; `nil` for an answer that does not tell.
        var requests: UInt64?
        var jobs: [VMUUID: Double] = [:]
        /// What was asked, a line each.
        var log: [String] = []
        /// Seconds.
        var clock = 1_000.0
    }

    let state = Mutex(State())
    var log: [String] { state.withLock { $0.log } }
    var now: MonotonicTime { MonotonicTime(seconds: state.withLock { $0.clock }) }
    func set(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    func advance(_ seconds: Double) { set { $0.clock += seconds } }

    private static func error(_ code: LibvirtError.Code) -> LibvirtError {
        LibvirtError(code: code, message: "as scripted", context: "test")
    }

    func stats(_ groups: StatsGroups, of uuids: [VMUUID]?) async throws(LibvirtError) -> [DomainStats] {
        try answer("bulk", groups, uuids ?? [])
    }

    func stats(_ groups: StatsGroups, alone uuid: VMUUID) async throws(LibvirtError) -> DomainStats {
        let answers = try answer("alone", groups, [uuid])
        guard let answer = answers.first else { throw Self.error(.noDomain) }
        return answer
    }

    private func answer(
        _ name: String,
        _ groups: StatsGroups,
        _ uuids: [VMUUID]
    ) throws(LibvirtError) -> [DomainStats] {
        let result = state.withLock { state -> Result<[DomainStats], LibvirtError> in
            state.log.append("\(name) \(uuids.map { "\($0.low)" }.joined(separator: ","))")
            if let failure = state.failure { return .failure(Self.error(failure)) }
            state.clock += 0.01 * Double(uuids.count)
            // libvirt takes the job of each in turn; the first that hangs and is not held keeps the call.
            if let stuck = uuids.first(where: { state.hung.contains($0) && state.held[$0] == nil }) {
                state.held[stuck] = state.clock
                state.clock += 5
                return .failure(Self.error(.deadline))
            }
            return .success(
                uuids.filter { $0.low < 400 }.map { uuid in
                    var stats = DomainStats(uuid: uuid)
                    stats.state = .running
                    stats.vcpus = [DomainStats.VCPU(index: 0)]
                    var block = DomainStats.Block(index: 0)
                    block.name = "vda"
                    block.readRequests = state.requests
                    stats.blocks = [block]
                    if state.held[uuid] != nil { stats.missed = groups.intersection([.balloon, .block]) }
                    if groups.contains(.dirtyRate), state.tellsDirtyRate, state.held[uuid] == nil {
                        var rate = DomainStats.DirtyRate()
                        (rate.isMeasured, rate.bytesPerSecond) = (true, 1 << 20)
                        stats.dirtyRate = rate
                    }
                    return stats
                }
            )
        }
        return try result.get()
    }

    func jobAges(of uuids: [VMUUID]) async throws(LibvirtError) -> [VMUUID: Double] {
        state.withLock { state in
            Dictionary(uniqueKeysWithValues: uuids.map { ($0, state.jobs[$0] ?? 0) })
        }
    }

    func control(of uuid: VMUUID) async throws(LibvirtError) -> DomainControl {
        state.withLock { state in state.held[uuid].map { .occupied(state.clock - $0) } ?? .free }
    }

    func startDirtyRate(of uuid: VMUUID, seconds: Int) async throws(LibvirtError) {
        let measures = state.withLock { state in
            state.log.append("measure \(uuid.low)")
            return state.measures
        }
        if !measures { throw Self.error(.unsupported) }
    }
}

@Suite("What libvirt says of VMs, and owes")
struct SlowAskerTests {
    private let libvirt = ScriptedLibvirt()
    private let asker: SlowAsker

    init() {
        let libvirt = libvirt
        asker = SlowAsker(libvirt, limits: .init(), now: { libvirt.now }, wall: { 1_700_000_000 })
    }

    private func vm(_ number: UInt64) -> VMIdentity {
        VMIdentity(uuid: VMUUID(high: 1, low: number), generation: number)
    }

    private func watch(_ numbers: [UInt64], _ needs: SlowNeeds = SlowNeeds()) async {
        await asker.watch(Dictionary(uniqueKeysWithValues: numbers.map { (vm($0), needs) }))
    }

    /// Asks all that is due now.
    private func beat(_ suspicions: [VMIdentity: StatsGroups] = [:]) async -> [SlowReadings] {
        var readings: [SlowReadings] = []
        for batch in await asker.due(suspicions) { readings += await asker.ask(batch) }
        return readings
    }

    /// Has a VM answer twice that its disks have moved nothing, so that the next question is a short one.
    private func settle(_ number: UInt64) async {
        libvirt.set { $0.requests = 7 }
        await watch([number])
        for _ in 0..<2 {
            libvirt.advance(30)
            _ = await beat()
        }
    }

    @Test("A VM with idle disks is only asked whether it answers, and what it says of its dirty rate is passed over")
    func probed() async {
        await settle(1)
        libvirt.advance(30)
        let readings = await beat()
        #expect(readings.map { $0.latency != nil } == [true])
        #expect(readings.map(\.dirtyRate) == [nil])
        #expect(readings.map { $0.disks == nil } == [true])
        #expect(await asker.schedule.owedSince(vm(1)) == nil)
    }

    @Test("A VM that hangs between two short questions owes its answer")
    func probedAndHung() async {
        await settle(1)
        libvirt.set { $0.hung = [VMUUID(high: 1, low: 1)] }
        libvirt.advance(30)
        let readings = await beat()
        #expect(readings.map { $0.owedSince != nil } == [true])
        #expect(readings.map(\.latency) == [nil])
    }

    @Test("A VM that a call holds already owes its answer to the short question too")
    func probedAndHeld() async {
        await settle(1)
        libvirt.set { $0.held = [VMUUID(high: 1, low: 1): $0.clock] }
        libvirt.advance(30)
        #expect(await beat().map { $0.owedSince != nil } == [true])
    }

    @Test("Where QEMU does not know the short question, the full one is asked at once and from then on")
    func probedInVain() async {
        libvirt.set { $0.tellsDirtyRate = false }
        await settle(1)
        let before = libvirt.log.count
        libvirt.advance(30)
        let readings = await beat()
        #expect(readings.map { $0.latency != nil } == [true])
        #expect(Array(libvirt.log.dropFirst(before)) == ["alone 1", "alone 1"])
        libvirt.advance(30)
        _ = await beat()
        #expect(libvirt.log.count == before + 3)
    }

    @Test("One call asks for all that are due; its time is shared among them, and none has a job")
    func together() async {
        await watch([1, 2, 3])
        libvirt.advance(30)
        let readings = await beat()
        #expect(libvirt.log == ["bulk 1,2,3"])
        #expect(readings.count == 3)
        #expect(readings.allSatisfy { abs(($0.latency ?? 0) - 0.01) < 1e-6 && $0.owedSince == nil && $0.jobAge == 0 })
        #expect(readings.allSatisfy { $0.disks?.map(\.name) == ["vda"] && $0.vcpus == nil })
    }

    @Test("One that hangs is found by asking each alone, and only it owes its answer, since the first call")
    func oneHangs() async {
        await watch([1, 2, 3])
        libvirt.set { $0.hung = [vm(2).uuid] }
        libvirt.advance(30)
        let start = libvirt.now
        let readings = await beat()
        #expect(libvirt.log == ["bulk 1,2,3", "alone 1", "alone 2", "alone 3"])
        #expect(readings.filter { $0.owedSince != nil }.map(\.identity) == [vm(2)])
        #expect(readings.filter { $0.disks != nil }.map(\.identity) == [vm(1), vm(3)])
        let owed = readings.first { $0.owedSince != nil }
        #expect(owed?.owedSince == start)
        #expect(owed.map { $0.time.seconds(since: start) >= 5 } == true)
        #expect(owed?.jobAge ?? 0 >= 5)
    }

    @Test("From then on it is asked alone, the others go on together, and an answer ends it")
    func aloneAfterwards() async {
        await watch([1, 2, 3])
        libvirt.set { $0.hung = [vm(2).uuid] }
        libvirt.advance(30)
        let first = await beat().first { $0.owedSince != nil }
        libvirt.set { $0.log = [] }
        libvirt.advance(40)
        let second = await beat()
        #expect(libvirt.log.sorted() == ["alone 2", "bulk 1,3"])
        #expect(second.first { $0.identity == vm(2) }?.owedSince == first?.owedSince)
        libvirt.set {
            $0.hung = []
            $0.held = [:]
        }
        libvirt.advance(40)
        let third = await beat()
        #expect(third.allSatisfy { $0.owedSince == nil && $0.latency != nil })
        libvirt.set { $0.log = [] }
        libvirt.advance(40)
        _ = await beat()
        #expect(libvirt.log == ["bulk 1,2,3"])
    }

    @Test("Figures of vCPUs alone do not end a silence")
    func noProof() async throws {
        await watch([1], SlowNeeds(hasDisks: true, usesKVM: true))
        libvirt.set { $0.hung = [vm(1).uuid] }
        libvirt.advance(30)
        _ = await beat()
        let owed = await asker.schedule.owedSince(vm(1))
        #expect(owed != nil)
        let readings = await beat([vm(1): .vcpu])
        let reading = try #require(readings.first)
        #expect(reading.latency == nil && reading.owedSince == nil && reading.vcpus != nil)
        #expect(await asker.schedule.owedSince(vm(1)) == owed)
    }

    @Test("A call that was never made, or a connection that broke, marks nobody", arguments: [0, 1, 2])
    func notAsked(which: Int) async {
        await watch([1, 2])
        libvirt.set { $0.failure = [.disconnected, .busy, .cancelled][which] }
        libvirt.advance(30)
        #expect(await beat().isEmpty)
        #expect(libvirt.log == ["bulk 1,2"])
        #expect(await asker.schedule.owedSince(vm(1)) == nil)
        libvirt.set { $0.failure = nil }
        libvirt.advance(31)
        #expect(await beat().count == 2)
    }

    @Test("A VM that is gone is left out, and the others are answered")
    func gone() async {
        await watch([1, 404])
        libvirt.advance(30)
        #expect(await beat().map(\.identity) == [vm(1)])
        #expect(await asker.schedule.owedSince(vm(404)) == nil)
    }

    @Test("A job under way shows with its age")
    func job() async {
        await watch([1, 2])
        libvirt.set { $0.jobs = [vm(2).uuid: 75] }
        libvirt.advance(30)
        let readings = await beat()
        #expect(readings.map(\.jobAge) == [0, 75])
    }

    @Test("A dirty rate is begun on suspicion, fetched two seconds later, and never tried again where it cannot be had")
    func dirtyRate() async {
        await watch([1], SlowNeeds(hasDisks: false, hasBalloonStats: true, memory: 1 << 30))
        _ = await beat([vm(1): [.balloon, .dirtyRate]])
        #expect(libvirt.log == ["alone 1", "measure 1"])
        libvirt.advance(2)
        let result = await beat([vm(1): .dirtyRate])
        #expect(result.compactMap(\.dirtyRate) == [Reading(1_048_576)])
        libvirt.set {
            $0.measures = false
            $0.log = []
        }
        libvirt.advance(40)
        let refused = await beat([vm(1): .dirtyRate])
        #expect(refused.compactMap(\.dirtyRate) == [.notObservable])
        libvirt.advance(40)
        _ = await beat([vm(1): .dirtyRate])
        #expect(libvirt.log.count { $0 == "measure 1" } == 1)
    }

    @Test("No more calls than three are on their way at once")
    func bounded() async {
        await watch(Array(1...200))
        libvirt.advance(31)
        let first = await asker.due([:])
        #expect(!first.isEmpty)
        await watch(Array(1...300))
        var calls = first.count
        for _ in 0..<100 {
            libvirt.advance(31)
            calls += await asker.due([:]).count
        }
        #expect(calls >= SlowAsker.callsAtOnce && calls <= SlowAsker.callsAtOnce + 4)
    }
}

@Suite("Who is worth asking about at once")
struct SuspicionsTests {
    private func frame() -> (Frame, [VMSlot], [VMIdentity]) {
        var frame = Frame(hostCPUs: 2)
        let vms = (1...3).map { VMIdentity(uuid: VMUUID(high: 1, low: UInt64($0)), generation: 1) }
        let slots = vms.map { frame.place(VMRecord(identity: $0, name: "x")) }
        return (frame, slots, vms)
    }

    private func verdict(_ slot: VMSlot, _ signal: Signal, _ phase: Verdict.Phase = .ongoing) -> Verdict {
        let since = MonotonicTime(seconds: 1)
        return Verdict(slot: slot, rule: 0, signal: signal, phase: phase, value: 1, threshold: 1, since: since)
    }

    private func finding(_ victim: VMSlot, _ contention: Contention, _ outcome: Finding.Outcome) -> Finding {
        Finding(
            victim: victim,
            verdict: verdict(victim, .cpuRunDelay),
            contention: contention,
            candidates: [],
            outcome: outcome,
            confidence: 1
        )
    }

    @Test("A rule that fires asks for what helps to understand its signal")
    func verdicts() {
        let (frame, slots, vms) = frame()
        let verdicts = [
            verdict(slots[0], .ioPressureFull), verdict(slots[0], .memGrowth), verdict(slots[1], .cpuUsage),
        ]
        let all = Suspicions.all(verdicts, [], in: frame)
        #expect(all == [vms[0]: [.block, .balloon, .dirtyRate], vms[1]: .vcpu])
    }

    @Test("A finding asks for the victim and for whom it blames")
    func findings() {
        let (frame, slots, vms) = frame()
        let findings = [finding(slots[0], .disk, .blamed(slots[2])), finding(slots[1], .cpu, .nobody)]
        #expect(Suspicions.all([], findings, in: frame) == [vms[0]: .block, vms[2]: .block, vms[1]: .vcpu])
    }

    @Test("A rule that has cleared, and what libvirt knows nothing of, ask for nothing")
    func nothing() {
        let (frame, slots, _) = frame()
        let verdicts = [verdict(slots[0], .diskLatency, .cleared), verdict(slots[1], .netDrops)]
        #expect(Suspicions.all(verdicts, [finding(slots[2], .network, .nobody)], in: frame).isEmpty)
    }

    @Test("A row that is free or not there asks for nothing")
    func freeRow() {
        var (frame, slots, _) = frame()
        frame.remove(slots[0])
        let verdicts = [verdict(slots[0], .diskLatency), verdict(VMSlot(9), .diskLatency)]
        #expect(Suspicions.all(verdicts, [], in: frame).isEmpty)
    }
}
