import Enforcement
import HostReaders
import Libvirt
import Signals
import TestSupport
import Testing

@testable import QuellRuntime

/// The actuator over libvirt's own test driver, with a process for its domain in a made-up procfs.
@Suite("Knobs through libvirt")
struct LibvirtActuatorTests {
    private let driver = TestDriverHost()
    private let connection: LibvirtConnection
    private let host = CacheTree(threads: [:])
    private let hand: LibvirtActuator
    private static let device = "testnet0"

    init() {
        connection = LibvirtConnection(uri: driver.uri)
        hand = LibvirtActuator(connection: connection, roots: host.roots)
    }

    /// The driver's domain, with a process of generation 4,321.
    private func testVM() async throws -> VMIdentity {
        try await connection.connect()
        let uuid = try #require(try await connection.domains().first { $0.name == driver.name }).uuid
        host.addVM([:], pid: 800, uuid: uuid)
        return VMIdentity(uuid: uuid, generation: 4_321)
    }

    /// Why a knob cannot be set.
    private func refusal(_ knob: Knob, _ setting: Setting, of vm: VMIdentity) async -> ActuatorError? {
        await failure { () throws(ActuatorError) in try await hand.set(knob, to: setting, of: vm) }
    }

    /// Why a knob cannot be read.
    private func silence(_ knob: Knob, of vm: VMIdentity) async -> ActuatorError? {
        await failure { () throws(ActuatorError) in _ = try await hand.read(knob, of: vm) }
    }

    private func isRefused(_ error: ActuatorError?) -> Bool {
        if case .refused(let text) = error { return !text.isEmpty && !text.contains(where: \.isNewline) }
        return false
    }

    @Test("what a domain is made of, as far as libvirt knows")
    func parts() async throws {
        let parts = try await hand.parts(of: try await testVM())
        #expect(parts.vcpus == 2 && parts.iothreads == 0)
        #expect(parts.disks == ["vda"])
        #expect(parts.interfaces == [VMParts.Interface(device: Self.device)])
        #expect(parts.memory == 8 << 30)
        #expect(!parts.hasBalloon && parts.gpus.isEmpty && parts.cacheTrouble != nil)
        #expect(!parts.hostCPUs.isEmpty)
    }

    @Test(
        "what the driver has is set, read back and given back",
        arguments: [
            (Knob.disk("vda"), Setting.disk(DiskLimit(["total_bytes": 1 << 20, "total_bytes_max": 2 << 20]))),
            (.receive(device), .bandwidth(Bandwidth(average: 100, peak: 200, burst: 16))),
            (.transmit(device), .bandwidth(Bandwidth(average: 100))),
            (.memorySoftLimit, .memory(64 << 20)), (.balloon, .balloon(3 << 30)),
            (.emulatorPins, .pins([CPUSet([0])])), (.power, .power(.paused)),
        ]
    )
    func roundTrip(_ knob: Knob, _ setting: Setting) async throws {
        let vm = try await testVM()
        let before = try await hand.read(knob, of: vm)
        #expect(!before.means(setting))
        try await hand.set(knob, to: setting, of: vm)
        #expect(try await hand.read(knob, of: vm).means(setting))
        try await hand.set(knob, to: before, of: vm)
        #expect(try await hand.read(knob, of: vm).means(before))
    }

    @Test(
        "what the driver lacks is refused in one line",
        arguments: [
            (Knob.vcpuQuota, Setting.quota(VCPUQuota(period: 100_000, quota: 20_000))),
            (.emulatorQuota, .quota(VCPUQuota(period: 100_000, quota: nil))), (.cpuShares, .shares(512)),
            (.vcpuPins, .pins([CPUSet([0])])), (.link(device), .link(false)), (.filter(device), .filter(.isolate)),
        ]
    )
    func lacking(_ knob: Knob, _ setting: Setting) async throws {
        let vm = try await testVM()
        #expect(isRefused(await refusal(knob, setting, of: vm)))
    }

    @Test(
        "a setting of another kind is refused before libvirt is asked at all",
        arguments: [
            (Knob.vcpuQuota, Setting.shares(2)), (.emulatorQuota, .memory(1)), (.iothreadQuota, .pins([])),
            (.cpuShares, .quota(VCPUQuota(period: 100_000, quota: 1_000))), (.disk("vda"), .bandwidth(Bandwidth())),
            (.receive(device), .disk(DiskLimit())), (.transmit(device), .memory(nil)), (.memorySoftLimit, .balloon(1)),
            (.balloon, .memory(1)), (.vcpuPins, .link(true)), (.emulatorPins, .shares(1)),
            (.iothreadPins, .filter(nil)),
            (.link(device), .power(.running)), (.filter(device), .link(true)), (.power, .filter(nil)),
        ]
    )
    func wrongKind(_ knob: Knob, _ setting: Setting) async throws {
        // There is no connection: whatever is asked fails as disconnected.
        let error: LibvirtError?
        do throws(LibvirtError) {
            try await hand.set(knob, to: setting, of: VMUUID(high: 1, low: 2))
            error = nil
        } catch let thrown {
            error = thrown
        }
        #expect(error?.code == .unsupported)
        #expect(error?.outcomeUnknown == false)
        let vm = try await testVM()
        guard knob != .iothreadQuota, knob != .iothreadPins else { return }
        let before = try? await hand.read(knob, of: vm)
        #expect(isRefused(await refusal(knob, setting, of: vm)))
        let after = try? await hand.read(knob, of: vm)
        #expect(after == before)
    }

    @Test(
        "knobs that libvirt does not have are refused to read and to set",
        arguments: [
            (Knob.cacheGroup, Setting.cacheGroup("")), (.gpuPower("0000:01:00.0"), .milliwatts(1)),
            (.gpuClocks("0000:01:00.0"), .clocks(GPUClocks(memory: 1, graphics: 1))),
            (.gpuSchedule("0000:01:00.0"), .schedule(GPUSchedule(policy: 1))),
        ]
    )
    func notLibvirts(_ knob: Knob, _ setting: Setting) async throws {
        let vm = try await testVM()
        let wanted = ActuatorError.refused("libvirt cannot set \(knob)")
        #expect(await refusal(knob, setting, of: vm) == wanted)
        #expect(await silence(knob, of: vm) == wanted)
    }

    @Test("a part that the domain does not have is gone, not refused")
    func noPart() async throws {
        let vm = try await testVM()
        let quota = Setting.quota(VCPUQuota(period: 100_000, quota: 20_000))
        for (knob, setting, text) in [
            (Knob.disk("vdz"), Setting.disk(DiskLimit()), "disk vdz"),
            (.receive("vnet9"), .bandwidth(Bandwidth()), "interface vnet9"), (.link(""), .link(true), "interface "),
            (.iothreadQuota, quota, "it has no I/O threads"),
            (.iothreadPins, .pins([CPUSet([0])]), "it has no I/O threads"),
        ] {
            #expect(await refusal(knob, setting, of: vm) == .partGone(text))
            #expect(await silence(knob, of: vm) == .partGone(text))
        }
    }

    @Test("another start of the VM, one without a process and one that libvirt does not know are never touched")
    func identity() async throws {
        let vm = try await testVM()
        let other = VMIdentity(uuid: vm.uuid, generation: 4_322)
        #expect(await refusal(.power, .power(.paused), of: other) == .generationChanged)
        let gone = VMIdentity(uuid: VMUUID(high: 9, low: 9), generation: 4_321)
        #expect(await refusal(.power, .power(.paused), of: gone) == .vmGone)
        let strange = LibvirtActuator(connection: connection, roots: CacheTree(threads: [:]).roots)
        let error = await failure { () throws(ActuatorError) in
            try await strange.set(.power, to: .power(.paused), of: vm)
        }
        #expect(error == .vmGone)
        #expect(try await hand.read(.power, of: vm) == .power(.running))
    }

    @Test("without a connection nothing can be asked, and nothing has changed")
    func disconnected() async throws {
        let vm = VMIdentity(uuid: VMUUID(high: 1, low: 1), generation: 4_321)
        guard case .unavailable = await refusal(.power, .power(.paused), of: vm) else {
            Issue.record("it is not unavailable")
            return
        }
        let mark = await failure { () throws(ActuatorError) in _ = try await hand.mark(of: vm) }
        #expect(mark != nil)
    }

    @Test("only a change that may still happen is undecided; a question never is")
    func outcomes() {
        for code in [LibvirtError.Code.deadline, .cancelled, .disconnected, .timedOut] {
            let error = LibvirtError(code: code, message: "m", context: "c")
            #expect(LibvirtActuator.writing(error) == .unknown(error.description))
            #expect(LibvirtActuator.reading(error) == .unavailable(error.description))
        }
        for code in [LibvirtError.Code.busy, .circuitOpen, .agentBusy, .resourceBusy] {
            let error = LibvirtError(code: code, message: "m", context: "c")
            #expect(LibvirtActuator.writing(error) == .unavailable(error.description))
        }
        for code in [
            LibvirtError.Code.operationInvalid, .denied, .unsupported, .invalidArgument, .malformed, .other(1),
        ] {
            let error = LibvirtError(code: code, message: "a\nb", context: "c")
            #expect(isRefused(LibvirtActuator.writing(error)) && isRefused(LibvirtActuator.reading(error)))
        }
        #expect(LibvirtActuator.writing(LibvirtError(code: .noDomain, message: "", context: "")) == .vmGone)
    }

    @Test("a mark is set, read and taken off")
    func mark() async throws {
        let vm = try await testVM()
        #expect(try await hand.mark(of: vm) == nil)
        try await hand.setMark("held", of: vm)
        #expect(try await hand.mark(of: vm) == "held")
        let error = await failure { () throws(ActuatorError) in try await hand.setMark("\u{0}", of: vm) }
        #expect(isRefused(error))
        try await hand.setMark(nil, of: vm)
        #expect(try await hand.mark(of: vm) == nil)
    }
}
