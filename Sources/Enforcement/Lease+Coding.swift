import Signals

extension Lease: Codable {
    private enum Key: String, CodingKey {
        case id, hold, vm, name, knob, before, set, pending, contention, origin, step, rule, victim, reason
        case created, changed, expires, bootID
    }

    /// Reads a lease; one of format 1 knew only quotas of vCPUs over the CPU, each a hold by itself.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let isFirstFormat = !container.contains(.hold)
        let knob = try container.decode(Knob.self, forKey: .knob)
        func setting(_ key: Key) throws -> Setting {
            if isFirstFormat { return .quota(try container.decode(VCPUQuota.self, forKey: key)) }
            let setting = try container.decode(Setting.self, forKey: key)
            guard setting.fits(knob) else {
                let why = "\(knob) is never set to \(setting)"
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: why)
            }
            return setting
        }
        id = try container.decode(UInt64.self, forKey: .id)
        hold = isFirstFormat ? id : try container.decode(UInt64.self, forKey: .hold)
        vm = try container.decode(VMIdentity.self, forKey: .vm)
        name = try container.decode(String.self, forKey: .name)
        self.knob = knob
        before = try setting(.before)
        set = try setting(.set)
        let isConfirmed = try !container.contains(.pending) || container.decodeNil(forKey: .pending)
        pending = isConfirmed ? nil : try setting(.pending)
        contention = isFirstFormat ? .cpu : try container.decode(Contention.self, forKey: .contention)
        origin = isFirstFormat ? .ladder : try container.decode(HoldOrder.Origin.self, forKey: .origin)
        step = isFirstFormat ? set.description : try container.decode(String.self, forKey: .step)
        rule = try container.decode(String.self, forKey: .rule)
        victim = try container.decodeIfPresent(VMIdentity.self, forKey: .victim)
        reason = try container.decode(String.self, forKey: .reason)
        created = try container.decode(Moment.self, forKey: .created)
        changed = try container.decode(Moment.self, forKey: .changed)
        expires = try container.decode(Moment.self, forKey: .expires)
        bootID = try container.decode(String.self, forKey: .bootID)
        if isFirstFormat, knob != .vcpuQuota {
            let why = "format 1 knew no knob \(knob)"
            throw DecodingError.dataCorruptedError(forKey: .knob, in: container, debugDescription: why)
        }
    }

    /// Writes a lease in the newest format.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(id, forKey: .id)
        try container.encode(hold, forKey: .hold)
        try container.encode(vm, forKey: .vm)
        try container.encode(name, forKey: .name)
        try container.encode(knob, forKey: .knob)
        try container.encode(before, forKey: .before)
        try container.encode(set, forKey: .set)
        try container.encodeIfPresent(pending, forKey: .pending)
        try container.encode(contention, forKey: .contention)
        try container.encode(origin, forKey: .origin)
        try container.encode(step, forKey: .step)
        try container.encode(rule, forKey: .rule)
        try container.encodeIfPresent(victim, forKey: .victim)
        try container.encode(reason, forKey: .reason)
        try container.encode(created, forKey: .created)
        try container.encode(changed, forKey: .changed)
        try container.encode(expires, forKey: .expires)
        try container.encode(bootID, forKey: .bootID)
    }
}
