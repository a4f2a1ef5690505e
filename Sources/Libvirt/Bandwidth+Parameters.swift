internal import CLibvirt
internal import Signals

/// A direction of an interface.
public enum InterfaceDirection: Sendable, CaseIterable {
    /// Towards the VM.
    case receive
    /// From the VM.
    case transmit

    /// What libvirt calls the values of this direction; the floor is there towards the VM only.
    fileprivate var names: (average: String, peak: String, burst: String, floor: String?) {
        switch self {
        case .receive:
            (
                VIR_DOMAIN_BANDWIDTH_IN_AVERAGE, VIR_DOMAIN_BANDWIDTH_IN_PEAK, VIR_DOMAIN_BANDWIDTH_IN_BURST,
                VIR_DOMAIN_BANDWIDTH_IN_FLOOR
            )
        case .transmit:
            (
                VIR_DOMAIN_BANDWIDTH_OUT_AVERAGE, VIR_DOMAIN_BANDWIDTH_OUT_PEAK, VIR_DOMAIN_BANDWIDTH_OUT_BURST, nil
            )
        }
    }
}

extension Bandwidth {
    /// The limit of one direction that libvirt tells; `nil` where it tells none of that direction.
    init?(_ parameters: [String: TypedValue], _ direction: InterfaceDirection) {
        func value(_ name: String?) -> UInt32 {
            name.flatMap { parameters[$0]?.count }.map { UInt32(clamping: $0) } ?? 0
        }
        let names = direction.names
        guard parameters[names.average] != nil else { return nil }
        self.init(
            average: value(names.average),
            peak: value(names.peak),
            burst: value(names.burst),
            floor: value(names.floor)
        )
    }

    /// What is to be sent for one direction, zeros for no limit; `nil` where it has a floor that the direction lacks.
    func parameters(_ direction: InterfaceDirection) -> [NamedSetting]? {
        let names = direction.names
        let limit = isNone ? Bandwidth() : self
        var settings = [
            NamedSetting(names.average, .uint(limit.average)), NamedSetting(names.peak, .uint(limit.peak)),
            NamedSetting(names.burst, .uint(limit.burst)),
        ]
        if let floor = names.floor {
            settings.append(NamedSetting(floor, .uint(limit.floor)))
        } else if limit.floor > 0 {
            return nil
        }
        return settings
    }
}
