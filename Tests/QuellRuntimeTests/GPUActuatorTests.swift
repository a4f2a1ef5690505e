import Enforcement
import HostReaders
import Signals
import TestSupport
import Testing

@testable import QuellRuntime

@Suite("Limits of GPUs")
struct GPUActuatorTests {
    private static let address = "0000:3b:00.0"
    private static let mdev = "aa618089-8b16-4d01-a136-25a0f3c73123"
    private let vm = VMIdentity(uuid: VMUUID(high: 1, low: 2), generation: 3)
    private let power = Knob.gpuPower(address)
    private let clocks = Knob.gpuClocks(address)
    private let schedule = Knob.gpuSchedule(address)
    private let gpu = """
        gpu 0000:3b:00.0
        limit 700000 200000 700000 700000
        clocks 2619 1980 1980 1965 990 345
        scheduler 2 1 2000000 0
        schedules 1 2 3 30000000 1000000 1 960 63 60 1
        vgpus

        """
    private let own = "vgpu 11\nmdev \(mdev)\n"
    private let other = "vgpu 22\nvm 99999999-2222-3333-4444-555555555555\n"

    /// A host with one GPU, and a mediated device of it.
    private func stand(_ script: String, release: ScriptedNVML.Release = .new) throws -> ScriptedNVML {
        let stand = try ScriptedNVML(script, release: release)
        try stand.place(Self.address, driver: "nvidia")
        try stand.place("0000:3b:00.4", driver: "nvidia", of: Self.address)
        try stand.place(mediated: Self.mdev, on: "0000:3b:00.4")
        return stand
    }

    private func hand(_ stand: ScriptedNVML) -> GPUActuator {
        GPUActuator(roots: HostRoots(tree: stand.root), library: stand.library)
    }

    /// The GPUs of the VM with its mediated device.
    private func gpus(_ hand: GPUActuator) async -> [VMParts.GPU] {
        await hand.complete(VMParts(vcpus: 1), of: vm, pciDevices: [], mdevs: [Self.mdev]).gpus
    }

    /// What setting a knob throws.
    private func refusal(_ hand: GPUActuator, _ knob: Knob, _ setting: Setting) async -> ActuatorError? {
        await failure { () throws(ActuatorError) in try await hand.set(knob, to: setting, of: vm) }
    }

    @Test("the power and the clocks of a sole user are planned, set, read and given back")
    func roundTrip() async throws {
        let stand = try stand(gpu + own)
        let hand = hand(stand)
        #expect(await gpus(hand) == [VMParts.GPU(address: Self.address, isSole: true)])
        let before = try await hand.read(power, of: vm)
        #expect(before == .milliwatts(700_000))
        let low = try await hand.plan(power, share: 0.5, of: await hand.read(power, of: vm))
        #expect(low == .milliwatts(350_000))
        try await hand.set(power, to: low, of: vm)
        #expect(try await hand.read(power, of: vm) == low)
        try await hand.set(power, to: before, of: vm)
        #expect(try await hand.read(power, of: vm) == before)

        let usual = try await hand.read(clocks, of: vm)
        #expect(usual == .clocks(GPUClocks(memory: 2_619, graphics: 1_980)))
        let slow = try await hand.plan(clocks, share: 0.5, of: await hand.read(clocks, of: vm))
        #expect(slow == .clocks(GPUClocks(memory: 2_619, graphics: 990)))
        try await hand.set(clocks, to: slow, of: vm)
        #expect(try await hand.read(clocks, of: vm) == slow)
        try await hand.set(clocks, to: usual, of: vm)
        #expect(try await hand.read(clocks, of: vm) == usual)
        // Reset, not set, so that the GPU raises its clocks by itself again.
        #expect(stand.kept.last?.hasSuffix("# reset") == true)
    }

    @Test("of a GPU that others share nothing is lowered; what takes nothing from them is set")
    func shared() async throws {
        let stand = try stand(gpu + own + other)
        let hand = hand(stand)
        #expect(await gpus(hand) == [VMParts.GPU(address: Self.address, isSole: false)])
        let refused = ActuatorError.refused("it shares the GPU at \(Self.address) with other VMs")
        #expect(await refusal(hand, power, .milliwatts(300_000)) == refused)
        #expect(await refusal(hand, clocks, .clocks(GPUClocks(memory: 2_619, graphics: 345))) == refused)
        #expect(stand.kept.isEmpty)
        try stand.write(gpu.replacing("limit 700000", with: "limit 300000") + own + other)
        #expect(await refusal(hand, power, .milliwatts(700_000)) == nil)
        #expect(try await hand.read(power, of: vm) == .milliwatts(700_000))
    }

    @Test("a limit is given back although its VM is gone and nothing is known of it, as after a restart")
    func gone() async throws {
        let stand = try stand(gpu + own)
        let first = hand(stand)
        _ = await gpus(first)
        try await first.set(power, to: .milliwatts(300_000), of: vm)
        try stand.write(gpu)
        try stand.remove("sys/bus/mdev/devices/" + Self.mdev)
        let second = hand(stand)
        #expect(try await second.read(power, of: vm) == .milliwatts(300_000))
        #expect(await refusal(second, power, .milliwatts(250_000)) != nil)
        try await second.set(power, to: .milliwatts(700_000), of: vm)
        #expect(try await second.read(power, of: vm) == .milliwatts(700_000))
    }

    @Test("out of the device's bounds nothing is set; at the bound it is")
    func bounds() async throws {
        let stand = try stand(gpu + own)
        let hand = hand(stand)
        _ = await gpus(hand)
        for value: UInt64 in [0, 199_999, 700_001, 5_000_000_000] {
            let error = await refusal(hand, power, .milliwatts(value))
            #expect(error == .refused("\(value) mW is not from 200000 to 700000 mW"))
        }
        guard case .refused = await refusal(hand, clocks, .clocks(GPUClocks(memory: 2_619, graphics: 991))) else {
            Issue.record("a clock that is not supported was taken")
            return
        }
        #expect(stand.kept.isEmpty)
        #expect(await refusal(hand, power, .milliwatts(200_000)) == nil)
    }

    @Test("a schedule is set while the GPU has no vGPU, and refused with the reason while it has one")
    func schedules() async throws {
        let stand = try stand(gpu)
        let hand = hand(stand)
        let before = try await hand.read(schedule, of: vm)
        #expect(before == .schedule(GPUSchedule(policy: 2, isAdaptive: false, parameters: [2_000_000])))
        let other = Setting.schedule(GPUSchedule(policy: 3, isAdaptive: true, parameters: [480, 33]))
        try await hand.set(schedule, to: other, of: vm)
        #expect(try await hand.read(schedule, of: vm) == other)
        try await hand.set(schedule, to: before, of: vm)
        #expect(try await hand.read(schedule, of: vm) == before)
        for wrong in [
            GPUSchedule(policy: 4), GPUSchedule(policy: 2, isAdaptive: false, parameters: [1]),
            GPUSchedule(policy: 2, isAdaptive: true, parameters: [480]), GPUSchedule(policy: 2, parameters: [1, 2, 3]),
        ] {
            guard case .refused = await refusal(hand, schedule, .schedule(wrong)) else {
                Issue.record("\(wrong) was taken")
                continue
            }
        }
        try stand.write(gpu + own)
        let error = await refusal(hand, schedule, other)
        #expect("\(String(describing: error))".contains("only while no vGPU is on the GPU, and 1 are"))
        #expect(try await hand.read(schedule, of: vm) == before)
    }

    @Test("each failure of NVML's becomes the enforcer's own, and a GPU that comes back is asked again")
    func failures() async throws {
        let stand = try stand(gpu + own)
        let hand = hand(stand)
        _ = await gpus(hand)
        func set(_ code: String) async throws -> ActuatorError? {
            try stand.write("error nvmlDeviceSetPowerManagementLimit \(code)\n" + gpu + own)
            return await refusal(hand, power, .milliwatts(300_000))
        }
        let denied = try await set("no_permission")
        #expect("\(String(describing: denied))".contains("CAP_SYS_ADMIN"))
        guard case .refused = denied, case .refused = try await set("not_supported"),
            case .unknown = try await set("unknown"), case .unknown = try await set("timeout"),
            case .partGone = try await set("gpu_is_lost")
        else {
            Issue.record("a failure is taken for another")
            return
        }
        try stand.write(gpu + own + "lost\n")
        guard case .partGone = await failure({ () throws(ActuatorError) in try await hand.read(power, of: vm) }) else {
            Issue.record("a lost GPU is not gone")
            return
        }
        try stand.write(gpu + own)
        #expect(try await hand.read(power, of: vm) == .milliwatts(700_000))
        try stand.write("init driver_not_loaded\n" + gpu)
        let unloaded = self.hand(stand)
        guard case .unavailable = await failure({ () throws(ActuatorError) in try await unloaded.read(power, of: vm) })
        else {
            Issue.record("a driver that is not loaded")
            return
        }
        try stand.write(gpu)
        #expect(try await unloaded.read(power, of: vm) == .milliwatts(700_000))
    }

    @Test("an old driver without the functions is refused and named")
    func old() async throws {
        let stand = try stand("gpu 0000:3b:00.0\n", release: .old)
        let error = await failure { () throws(ActuatorError) in try await hand(stand).read(power, of: vm) }
        #expect("\(String(describing: error))".contains("not in this release of NVML"))
    }

    @Test("a GPU that is passed through is no part, and NVML is not even opened for it or for a VM without one")
    func passedThrough() async throws {
        let stand = try stand(gpu)
        try stand.place(Self.address, driver: "vfio-pci")
        let hand = hand(stand)
        let parts = await hand.complete(VMParts(vcpus: 1), of: vm, pciDevices: [Self.address], mdevs: [])
        #expect(parts.gpus.isEmpty)
        #expect(await hand.complete(VMParts(vcpus: 1), of: vm, pciDevices: [], mdevs: []).gpus.isEmpty)
        for knob in [power, .gpuPower("0000:99:00.0"), .gpuPower("../../x")] {
            let error = await failure { () throws(ActuatorError) in try await hand.read(knob, of: vm) }
            guard case .partGone = error else {
                Issue.record("\(knob)")
                continue
            }
        }
        #expect(stand.log.isEmpty)
    }

    @Test("a whole GPU that the host's driver still holds is a sole one")
    func whole() async throws {
        let stand = try stand(gpu)
        let hand = hand(stand)
        let parts = await hand.complete(VMParts(vcpus: 1), of: vm, pciDevices: [Self.address], mdevs: [])
        #expect(parts.gpus == [VMParts.GPU(address: Self.address, isSole: true)])
        #expect(await refusal(hand, power, .milliwatts(300_000)) == nil)
    }

    @Test("where NVML cannot be had no GPU is a part")
    func noLibrary() async throws {
        let stand = try stand(gpu + own)
        let hand = GPUActuator(roots: HostRoots(tree: stand.root), library: stand.root + "/none.so")
        #expect(await gpus(hand).isEmpty)
        let error = await failure { () throws(ActuatorError) in try await hand.read(power, of: vm) }
        guard case .unavailable = error else {
            Issue.record("no library")
            return
        }
    }

    @Test("other knobs and settings are refused")
    func wrong() async throws {
        let stand = try stand(gpu)
        let hand = hand(stand)
        for (knob, setting) in [
            (power, Setting.shares(1)), (clocks, .milliwatts(300_000)), (schedule, .milliwatts(300_000)),
            (.cpuShares, .milliwatts(300_000)),
        ] {
            #expect(await refusal(hand, knob, setting) == .refused("\(knob) cannot be set to \(setting)"))
        }
        let error = await failure { () throws(ActuatorError) in try await hand.read(.power, of: vm) }
        #expect(error == .refused("power is no knob of a GPU's"))
        #expect(
            await failure { () throws(ActuatorError) in
                try await hand.plan(schedule, share: 0.5, of: .schedule(GPUSchedule(policy: 1)))
            } != nil
        )
    }

    @Test("a share of the power is never below the device's least, and never above what is in force")
    func powerPlan() {
        let limit = NVMLPowerLimit(now: 400_000, least: 100_000, most: 700_000)
        let asked: [(Double, UInt64?)] = [
            (0.5, 200_000), (0.25, 100_000), (0.1, 100_000), (0, 100_000), (1, 400_000), (-0.1, nil), (1.1, nil),
            (.nan, nil), (.infinity, nil),
        ]
        for (share, expected) in asked { #expect(GPUPlan.power(share, of: limit) == expected, "\(share)") }
        #expect(GPUPlan.power(0.5, of: NVMLPowerLimit(now: 100_000, least: 100_000, most: 700_000)) == nil)
    }

    @Test("the nearest clock is lower than the one in force, and the lower one of two as near")
    func clockPlan() {
        let now = NVMLClocks(memory: 5, graphics: 1_000)
        let supported: [UInt32] = [1_200, 1_000, 900, 600, 400, 100]
        let asked: [(Double, UInt32?)] = [
            (1, 900), (0.95, 900), (0.5, 400), (0.51, 600), (0, 100), (-1, nil), (2, nil), (.nan, nil),
        ]
        for (share, expected) in asked {
            let clocks = GPUPlan.clocks(share, of: now, supported: supported)
            #expect(clocks == expected.map { GPUClocks(memory: 5, graphics: $0) }, "\(share)")
        }
        #expect(GPUPlan.clocks(0.5, of: now, supported: [1_000]) == nil)
    }
}
