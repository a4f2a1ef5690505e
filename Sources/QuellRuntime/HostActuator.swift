import Enforcement
import HostReaders
import Libvirt
import Sampling
import Signals

/// The hand over all that can be changed of a VM on this host: through libvirt what it has a call for, of caches through
/// resctrl, of GPUs through NVML.
struct HostActuator: Actuator {
    /// What libvirt sets.
    let libvirt: LibvirtActuator
    /// What resctrl sets.
    let caches: ResctrlActuator
    /// What NVML sets.
    let gpus: GPUActuator

    /// A hand over a host.
    ///
    /// - Parameters:
    ///   - connection: The connection to libvirt.
    ///   - roots: Where the kernel's files are.
    init(connection: LibvirtConnection, roots: HostRoots) {
        self.init(
            libvirt: LibvirtActuator(connection: connection, roots: roots),
            caches: ResctrlActuator(roots: roots),
            gpus: GPUActuator(roots: roots)
        )
    }

    /// A hand made of three.
    init(libvirt: LibvirtActuator, caches: ResctrlActuator, gpus: GPUActuator) {
        self.libvirt = libvirt
        self.caches = caches
        self.gpus = gpus
    }

    func parts(of vm: VMIdentity) async throws(ActuatorError) -> VMParts {
        let domain = try await libvirt.check(vm)
        let parts = await caches.complete(try await libvirt.parts(of: domain), of: vm)
        return await gpus.complete(
            parts,
            of: vm,
            pciDevices: domain.hostPCI,
            mdevs: domain.mdevs.map { $0.lowercased() }
        )
    }

    func read(_ knob: Knob, of vm: VMIdentity) async throws(ActuatorError) -> Setting {
        switch knob {
        case .cacheGroup: try await caches.read(knob, of: vm)
        // What is set of a GPU outlasts the VM: whether it still runs is of no matter.
        case .gpuPower, .gpuClocks, .gpuSchedule: try await gpus.read(knob, of: vm)
        default: try await libvirt.read(knob, of: vm)
        }
    }

    func set(_ knob: Knob, to setting: Setting, of vm: VMIdentity) async throws(ActuatorError) {
        switch knob {
        case .cacheGroup: try await caches.set(knob, to: setting, of: vm)
        case .gpuPower, .gpuClocks, .gpuSchedule: try await gpus.set(knob, to: setting, of: vm)
        default: try await libvirt.set(knob, to: setting, of: vm)
        }
    }

    func plan(
        _ knob: Knob,
        share: Double,
        of before: Setting,
        for vm: VMIdentity
    ) async throws(ActuatorError) -> Setting {
        try await gpus.plan(knob, share: share, of: before)
    }

    func mark(of vm: VMIdentity) async throws(ActuatorError) -> String? { try await libvirt.mark(of: vm) }

    func setMark(_ text: String?, of vm: VMIdentity) async throws(ActuatorError) {
        try await libvirt.setMark(text, of: vm)
    }
}
