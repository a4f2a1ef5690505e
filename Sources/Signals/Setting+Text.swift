extension Setting: CustomStringConvertible {
    /// The setting as people read it.
    public var description: String {
        switch self {
        case .quota(let quota): quota.description
        case .shares(let shares): "\(shares) shares"
        case .disk(let limit): limit.description
        case .bandwidth(let limit): limit.description
        case .memory(let bytes): bytes.map { Unit.bytes.text(Double($0)) } ?? "unlimited"
        case .balloon(let bytes): Unit.bytes.text(Double(bytes))
        case .pins(let pins): Self.text(pins)
        case .link(let isUp): isUp ? "up" : "down"
        case .filter(let filter): filter.map(\.description) ?? "none"
        case .power(let state): state.description
        case .cacheGroup(let name): name.isEmpty ? "the default group" : name
        case .milliwatts(let value): Unit.digits(Double(value) / 1_000) + " W"
        case .clocks(let clocks): "\(clocks.graphics) MHz, memory \(clocks.memory) MHz"
        case .schedule(let schedule): schedule.description
        }
    }

    /// CPUs of several threads: once where all have the same.
    private static func text(_ pins: [CPUSet]) -> String {
        guard let first = pins.first, pins.contains(where: { $0 != first }) else {
            return pins.first.map { "CPUs \($0)" } ?? "no threads"
        }
        return "CPUs " + pins.enumerated().map { "\($0.offset): \($0.element)" }.joined(separator: "; ")
    }
}

extension DiskLimit: CustomStringConvertible {
    /// The values by name, or `unlimited`.
    public var description: String {
        isNone ? "unlimited" : values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}

extension Bandwidth: CustomStringConvertible {
    /// What is limited, or `unlimited`.
    public var description: String {
        if isNone { return "unlimited" }
        var parts = average > 0 ? ["\(average) kB/s"] : []
        if peak > 0 { parts.append("peak \(peak) kB/s") }
        if burst > 0 { parts.append("burst \(burst) KiB") }
        if floor > 0 { parts.append("floor \(floor) KiB/s") }
        return parts.joined(separator: ", ")
    }
}

extension NetworkFilter: CustomStringConvertible {
    /// Its name and what its rules are given.
    public var description: String {
        parameters.isEmpty ? name : name + " " + parameters.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }
}

extension GPUSchedule: CustomStringConvertible {
    /// The policy by number, and what it is given.
    public var description: String {
        "policy \(policy)" + (parameters.isEmpty ? "" : " " + parameters.map(String.init).joined(separator: "/"))
    }
}
