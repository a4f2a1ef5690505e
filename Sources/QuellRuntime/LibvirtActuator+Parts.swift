import Enforcement
import HostReaders
import Libvirt
import Signals

extension LibvirtActuator {
    /// What a domain is made of; of caches and GPUs libvirt knows nothing.
    ///
    /// - Parameters:
    ///   - domain: What libvirt says of it.
    ///   - mounts: The cgroup trees of the host.
    ///   - hostCPUs: The host's CPUs that are online.
    /// - Returns: Its parts.
    static func parts(of domain: DomainDescription, mounts: MountTable, hostCPUs: CPUSet) -> VMParts {
        var parts = VMParts(vcpus: domain.vcpus)
        parts.iothreads = domain.iothreads
        parts.disks = domain.disks.filter(\.takesLimits).map(\.target)
        parts.interfaces = domain.interfaces.filter { $0.kind != "hostdev" }.map {
            VMParts.Interface(device: $0.device, bandwidthTrouble: bandwidthTrouble($0))
        }
        parts.memory = domain.memory ?? 0
        parts.hasBalloon = domain.balloonPeriod != nil
        parts.softLimitIsHigh = !mounts.trees.contains { $0.controllers.contains("memory") }
        parts.hostCPUs = hostCPUs
        parts.cacheTrouble = "no resctrl actuator"
        return parts
    }

    /// Why the bandwidth of an interface is not to be touched; `nil` where it may be.
    private static func bandwidthTrouble(_ interface: DomainDescription.Interface) -> String? {
        if interface.port == "openvswitch" { return "Open vSwitch takes away what libvirt sets" }
        return ["bridge", "network", "ethernet", "direct"].contains(interface.kind)
            ? nil : "libvirt sets none on an interface of type \(interface.kind)"
    }

    /// Makes sure that a domain has what a knob is of.
    ///
    /// - Parameters:
    ///   - knob: The knob.
    ///   - domain: What libvirt says of the domain.
    /// - Throws: ``ActuatorError/partGone(_:)``, or ``ActuatorError/refused(_:)`` for a knob that libvirt does not have.
    static func demand(_ knob: Knob, in domain: DomainDescription) throws(ActuatorError) {
        switch knob {
        case .disk(let target):
            guard domain.disks.contains(where: { $0.target == target }) else { throw .partGone("disk \(target)") }
        case .receive(let device), .transmit(let device), .link(let device), .filter(let device):
            guard domain.tapNames.contains(device) else { throw .partGone("interface \(device)") }
        case .iothreadQuota, .iothreadPins:
            // libvirt would tell the quota of the whole domain, and set nothing.
            guard domain.iothreads > 0 else { throw .partGone("it has no I/O threads") }
        case .cacheGroup, .gpuPower, .gpuClocks, .gpuSchedule: throw .refused("libvirt cannot set \(knob)")
        case .vcpuQuota, .emulatorQuota, .cpuShares, .memorySoftLimit, .balloon, .vcpuPins, .emulatorPins, .power:
            break
        }
    }
}
