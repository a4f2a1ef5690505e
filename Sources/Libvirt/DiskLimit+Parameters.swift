internal import CLibvirt
internal import Signals

extension DiskLimit {
    /// Every value that libvirt 9.0 knows, by the name that ``DiskLimit/values`` gives it, with libvirt's own.
    static let fields: [(name: String, parameter: String)] = {
        var fields: [(name: String, parameter: String)] = []
        for kind in ["bytes", "iops"] {
            for direction in ["total", "read", "write"] {
                for suffix in ["", "_max", lengthSuffix] {
                    let start = "\(direction)_\(kind)"
                    fields.append((start + suffix, start + "_sec" + suffix))
                }
            }
        }
        fields.append(("size_iops", VIR_DOMAIN_BLOCK_IOTUNE_SIZE_IOPS_SEC))
        return fields
    }()

    private static let lengthSuffix = "_max_length"

    /// The limits that libvirt tells of a disk.
    ///
    /// QEMU tells a burst length of a second where none was given, so that length counts as none.
    init(_ parameters: [String: TypedValue]) {
        var values: [String: UInt64] = [:]
        for field in Self.fields {
            guard let value = parameters[field.parameter]?.count else { continue }
            if field.name.hasSuffix(Self.lengthSuffix), value == 1 { continue }
            values[field.name] = value
        }
        let group = parameters[VIR_DOMAIN_BLOCK_IOTUNE_GROUP_NAME]?.text
        self.init(values, group: group.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// What is to be sent: every value, since libvirt keeps those that are left out; `nil` where a value's name is
    /// unknown.
    ///
    /// A disk without limits is in no group; libvirt refuses to be given one then.
    var parameters: [NamedSetting]? {
        guard values.keys.allSatisfy({ name in Self.fields.contains { $0.name == name } }) else { return nil }
        var settings = Self.fields.map { NamedSetting($0.parameter, .ulong(self[$0.name])) }
        if let group, !isNone { settings.append(NamedSetting(VIR_DOMAIN_BLOCK_IOTUNE_GROUP_NAME, .text(group))) }
        return settings
    }
}
