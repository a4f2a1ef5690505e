extension Setting: Codable {
    private enum Kind: String, CodingKey {
        case quota, shares, disk, bandwidth, memory, balloon, pins, link, filter, power, cacheGroup, milliwatts, clocks
        case schedule
    }

    /// Reads a setting: an object with one key, which says of what kind it is.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        guard container.allKeys.count == 1, let kind = container.allKeys.first else {
            let context = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "no setting")
            throw DecodingError.dataCorrupted(context)
        }
        switch kind {
        case .quota: self = .quota(try container.decode(VCPUQuota.self, forKey: kind))
        case .shares: self = .shares(try container.decode(UInt64.self, forKey: kind))
        case .disk: self = .disk(try container.decode(DiskLimit.self, forKey: kind))
        case .bandwidth: self = .bandwidth(try container.decode(Bandwidth.self, forKey: kind))
        case .memory: self = .memory(try container.decode(UInt64?.self, forKey: kind))
        case .balloon: self = .balloon(try container.decode(UInt64.self, forKey: kind))
        case .pins: self = .pins(try container.decode([CPUSet].self, forKey: kind))
        case .link: self = .link(try container.decode(Bool.self, forKey: kind))
        case .filter: self = .filter(try container.decode(NetworkFilter?.self, forKey: kind))
        case .power: self = .power(PowerState(text: try container.decode(String.self, forKey: kind)))
        case .cacheGroup: self = .cacheGroup(try container.decode(String.self, forKey: kind))
        case .milliwatts: self = .milliwatts(try container.decode(UInt64.self, forKey: kind))
        case .clocks: self = .clocks(try container.decode(GPUClocks.self, forKey: kind))
        case .schedule: self = .schedule(try container.decode(GPUSchedule.self, forKey: kind))
        }
    }

    /// Writes an object with one key, which says of what kind it is.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .quota(let quota): try container.encode(quota, forKey: .quota)
        case .shares(let shares): try container.encode(shares, forKey: .shares)
        case .disk(let limit): try container.encode(limit, forKey: .disk)
        case .bandwidth(let limit): try container.encode(limit, forKey: .bandwidth)
        case .memory(let bytes): try container.encode(bytes, forKey: .memory)
        case .balloon(let bytes): try container.encode(bytes, forKey: .balloon)
        case .pins(let pins): try container.encode(pins, forKey: .pins)
        case .link(let isUp): try container.encode(isUp, forKey: .link)
        case .filter(let filter): try container.encode(filter, forKey: .filter)
        case .power(let state): try container.encode(state.description, forKey: .power)
        case .cacheGroup(let name): try container.encode(name, forKey: .cacheGroup)
        case .milliwatts(let value): try container.encode(value, forKey: .milliwatts)
        case .clocks(let clocks): try container.encode(clocks, forKey: .clocks)
        case .schedule(let schedule): try container.encode(schedule, forKey: .schedule)
        }
    }

    /// Whether it is of the kind that a knob has.
    ///
    /// - Parameter knob: The knob.
    /// - Returns: Whether the knob can be set to it.
    public func fits(_ knob: Knob) -> Bool {
        switch (knob, self) {
        case (.vcpuQuota, .quota), (.emulatorQuota, .quota), (.iothreadQuota, .quota), (.cpuShares, .shares),
            (.disk, .disk), (.receive, .bandwidth), (.transmit, .bandwidth), (.memorySoftLimit, .memory),
            (.balloon, .balloon), (.vcpuPins, .pins), (.emulatorPins, .pins), (.iothreadPins, .pins), (.link, .link),
            (.filter, .filter), (.power, .power), (.cacheGroup, .cacheGroup), (.gpuPower, .milliwatts),
            (.gpuClocks, .clocks), (.gpuSchedule, .schedule):
            true
        default: false
        }
    }
}

extension PowerState: CustomStringConvertible {
    /// The state that a text means; anything unknown is one that is not Quell's to end.
    ///
    /// - Parameter text: The text.
    public init(text: String) {
        switch text {
        case "running": self = .running
        case "paused": self = .paused
        default: self = .other(text)
        }
    }

    /// The state: `running`, `paused`, or why it is stopped.
    public var description: String {
        switch self {
        case .running: "running"
        case .paused: "paused"
        case .other(let why): why
        }
    }
}
