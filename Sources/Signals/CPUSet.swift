/// A set of host CPUs, as the kernel's lists write it: `0-3,8`.
public struct CPUSet: Hashable, Sendable {
    /// One more than the highest number that is accepted: the kernel's largest `NR_CPUS`.
    public static let mostCPUs = 8_192

    /// The words of 64 CPUs each, lowest first, without empty ones at the end.
    public private(set) var words: [UInt64]

    /// No CPUs.
    public init() {
        words = []
    }

    /// A set of CPUs; numbers out of range are left out.
    ///
    /// - Parameter cpus: Their numbers.
    public init(_ cpus: some Sequence<Int>) {
        self.init()
        for cpu in cpus { insert(cpu) }
    }

    /// The set of a list such as `0-3,8` (`cpuset(7)`, list format); `nil` for anything else.
    ///
    /// - Parameter text: The list.
    public init?(list text: String) {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { word -> Int? in
                word.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(word) : nil
            }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
                first <= last, last < Self.mostCPUs
            else { return nil }
            for cpu in first...last { insert(cpu) }
        }
    }

    /// Adds a CPU; a number out of range changes nothing.
    ///
    /// - Parameter cpu: Its number.
    public mutating func insert(_ cpu: Int) {
        guard (0..<Self.mostCPUs).contains(cpu) else { return }
        while words.count <= cpu / 64 { words.append(0) }
        words[cpu / 64] |= 1 << UInt64(cpu % 64)
    }

    /// Whether a CPU is in it.
    ///
    /// - Parameter cpu: Its number.
    /// - Returns: Whether it is.
    public func contains(_ cpu: Int) -> Bool {
        cpu >= 0 && cpu / 64 < words.count && words[cpu / 64] >> UInt64(cpu % 64) & 1 == 1
    }

    /// The CPUs, lowest first.
    public var cpus: [Int] { (0..<words.count * 64).filter(contains) }

    /// Whether there are none.
    public var isEmpty: Bool { words.isEmpty }

    /// The CPUs that are in both.
    ///
    /// - Parameter other: The other set.
    /// - Returns: The intersection.
    public func intersection(_ other: CPUSet) -> CPUSet { CPUSet(cpus.filter(other.contains)) }
}

extension CPUSet: CustomStringConvertible, Codable {
    /// The list, such as `0-3,8`.
    public var description: String {
        var parts: [String] = []
        var rest = cpus[...]
        while let first = rest.popFirst() {
            var last = first
            while rest.first == last + 1, let next = rest.popFirst() { last = next }
            parts.append(first == last ? "\(first)" : "\(first)-\(last)")
        }
        return parts.joined(separator: ",")
    }

    /// Reads a list.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let set = text.isEmpty ? CPUSet() : CPUSet(list: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no list of CPUs: \(text)")
        }
        self = set
    }

    /// Writes the list.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
