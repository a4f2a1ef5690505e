import Libvirt
import Signals

extension LibvirtActuator {
    /// Reads a knob of a domain that has it.
    func read(_ knob: Knob, of domain: DomainDescription) async throws(LibvirtError) -> Setting {
        let vm = domain.uuid
        switch knob {
        case .vcpuQuota: return .quota(try await connection.quota(of: vm, threads: .vcpus))
        case .emulatorQuota: return .quota(try await connection.quota(of: vm, threads: .emulator))
        case .iothreadQuota: return .quota(try await connection.quota(of: vm, threads: .iothreads))
        case .cpuShares: return .shares(try await connection.cpuShares(of: vm))
        case .disk(let target):
            var limit = try await connection.diskLimit(target, of: vm)
            // QEMU names a group for every disk that is limited.
            if domain.disks.contains(where: { $0.target == target && $0.throttleGroup == nil }) { limit.group = nil }
            return .disk(limit)
        case .receive(let device): return .bandwidth(try await connection.bandwidth(.receive, device, of: vm))
        case .transmit(let device): return .bandwidth(try await connection.bandwidth(.transmit, device, of: vm))
        case .memorySoftLimit: return .memory(try await connection.memorySoftLimit(of: vm))
        case .balloon: return .balloon(try await connection.balloon(of: vm))
        case .vcpuPins: return .pins(try await connection.pins(of: .vcpus, of: vm))
        case .emulatorPins: return .pins(try await connection.pins(of: .emulator, of: vm))
        case .iothreadPins: return .pins(try await connection.pins(of: .iothreads, of: vm))
        case .link(let device): return .link(try await connection.isLinkUp(device, of: vm))
        case .filter(let device): return .filter(try await connection.networkFilter(device, of: vm))
        case .power: return .power(try await connection.powerState(of: vm))
        case .cacheGroup, .gpuPower, .gpuClocks, .gpuSchedule: throw Self.unsupported(knob, nil)
        }
    }

    /// Sets a knob to a setting; one of another kind is refused before anything is asked.
    func set(_ knob: Knob, to setting: Setting, of vm: VMUUID) async throws(LibvirtError) {
        switch (knob, setting) {
        case (.vcpuQuota, .quota(let quota)): try await connection.setQuota(quota, of: vm, threads: .vcpus)
        case (.emulatorQuota, .quota(let quota)): try await connection.setQuota(quota, of: vm, threads: .emulator)
        case (.iothreadQuota, .quota(let quota)): try await connection.setQuota(quota, of: vm, threads: .iothreads)
        case (.cpuShares, .shares(let shares)): try await connection.setCPUShares(shares, of: vm)
        case (.disk(let target), .disk(let limit)): try await connection.setDiskLimit(limit, target, of: vm)
        case (.receive(let device), .bandwidth(let limit)):
            try await connection.setBandwidth(limit, .receive, device, of: vm)
        case (.transmit(let device), .bandwidth(let limit)):
            try await connection.setBandwidth(limit, .transmit, device, of: vm)
        case (.memorySoftLimit, .memory(let bytes)): try await connection.setMemorySoftLimit(bytes, of: vm)
        case (.balloon, .balloon(let bytes)): try await connection.setBalloon(bytes, of: vm)
        case (.vcpuPins, .pins(let pins)): try await connection.setPins(pins, of: .vcpus, of: vm)
        case (.emulatorPins, .pins(let pins)): try await connection.setPins(pins, of: .emulator, of: vm)
        case (.iothreadPins, .pins(let pins)): try await connection.setPins(pins, of: .iothreads, of: vm)
        case (.link(let device), .link(let isUp)): try await connection.setLink(isUp, device, of: vm)
        case (.filter(let device), .filter(let filter)): try await connection.setNetworkFilter(filter, device, of: vm)
        case (.power, .power(let state)): try await connection.setPowerState(state, of: vm)
        default: throw Self.unsupported(knob, setting)
        }
    }

    private static func unsupported(_ knob: Knob, _ setting: Setting?) -> LibvirtError {
        let message = setting.map { "it cannot be set to \($0)" } ?? "libvirt does not have it"
        return LibvirtError(code: .unsupported, message: message, context: knob.rawValue)
    }
}
