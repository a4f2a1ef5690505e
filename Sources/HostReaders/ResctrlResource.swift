/// A resource that control groups can share out, as the directory `info` describes it (`filesystems/resctrl`).
public struct ResctrlResource: Equatable, Sendable {
    /// What can be shared out of it.
    public enum Kind: Equatable, Sendable {
        /// Ways of a cache.
        case cache(Ways)
        /// Memory bandwidth: in per cent on Intel's processors, in eighths of a GB/s on AMD's.
        case bandwidth(Steps)
    }

    /// The ways of a cache, one bit of a mask for each.
    public struct Ways: Equatable, Sendable {
        /// All ways (`cbm_mask`).
        public var all: UInt32
        /// The fewest that a mask may have (`min_cbm_bits`), at least 1.
        public var fewest: Int
        /// Those that devices fill too (`shareable_bits`).
        public var shareable: UInt32
        /// Those that nobody else may use, by domain: exclusive or pseudo-locked (`E` and `P` in `bit_usage`).
        public var taken: [Int: UInt32]

        /// The ways of a cache.
        ///
        /// - Parameters:
        ///   - all: All ways.
        ///   - fewest: The fewest that a mask may have.
        ///   - shareable: Those that devices fill too.
        ///   - taken: Those that nobody else may use, by domain.
        public init(all: UInt32, fewest: Int = 1, shareable: UInt32 = 0, taken: [Int: UInt32] = [:]) {
            self.all = all
            self.fewest = max(1, fewest)
            self.shareable = shareable
            self.taken = taken
        }
    }

    /// The steps of a bandwidth.
    public struct Steps: Equatable, Sendable {
        /// The least that a group may have (`min_bandwidth`); AMD's processors name 0.
        public var least: UInt32
        /// The size of a step (`bandwidth_gran`), at least 1.
        public var step: UInt32

        /// The steps of a bandwidth.
        ///
        /// - Parameters:
        ///   - least: The least that a group may have.
        ///   - step: The size of a step.
        public init(least: UInt32, step: UInt32) {
            self.least = least
            self.step = max(1, step)
        }
    }

    /// Its name: `L3`, `L2` or `MB`; with code and data apart `L3CODE`, `L3DATA`, `L2CODE`, `L2DATA`.
    public var name: String
    /// What can be shared out of it.
    public var kind: Kind

    /// A resource.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - kind: What can be shared out of it.
    public init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// The resources of a host; those that make no sense or are of other kinds, such as `SMBA`, are left out.
    ///
    /// - Parameter mountPoint: Where the file system is mounted.
    /// - Returns: The resources, by name.
    public static func all(mountPoint: String) -> [ResctrlResource] {
        let names = ["L2", "L2CODE", "L2DATA", "L3", "L3CODE", "L3DATA", "MB"]
        return names.compactMap { ResctrlResource(named: $0, in: "\(mountPoint)/info/\($0)") }
    }

    /// Reads the description of one resource; `nil` where it is not there or makes no sense.
    private init?(named name: String, in directory: String) {
        func number(_ file: String, radix: Int = 10) -> UInt32? {
            HostDirectory.text(of: "\(directory)/\(file)")?.split(separator: "\n").first
                .flatMap { UInt32($0, radix: radix) }
        }
        if ResctrlSchemata.isCache(name[...]) {
            guard let all = number("cbm_mask", radix: 16), all > 0 else { return nil }
            let usage = HostDirectory.text(of: directory + "/bit_usage") ?? ""
            let fewest = Int(min(32, number("min_cbm_bits") ?? 1))
            let shareable = number("shareable_bits", radix: 16) ?? 0
            self.init(
                name: name,
                kind: .cache(Ways(all: all, fewest: fewest, shareable: shareable, taken: Self.taken(usage) ?? [:]))
            )
        } else {
            guard let least = number("min_bandwidth"), let step = number("bandwidth_gran") else { return nil }
            self.init(name: name, kind: .bandwidth(Steps(least: least, step: step)))
        }
    }

    /// The ways that nobody else may use, by domain, from `bit_usage`: a letter for each way, the highest first.
    ///
    /// - Parameter text: The text of the file, such as `0=SSSSXX;1=SSEESS`.
    /// - Returns: The masks; `nil` where it is of another form.
    public static func taken(_ text: String) -> [Int: UInt32]? {
        guard let line = text.split(separator: "\n", omittingEmptySubsequences: false).first else { return nil }
        var taken: [Int: UInt32] = [:]
        for part in line.split(separator: ";", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let domain = Int32(sides[0]), domain >= 0, taken[Int(domain)] == nil,
                (1...32).contains(sides[1].utf8.count)
            else { return nil }
            var mask: UInt32 = 0
            for letter in sides[1].utf8 {
                mask <<= 1
                switch letter {
                case UInt8(ascii: "E"), UInt8(ascii: "P"): mask |= 1
                case UInt8(ascii: "0"), UInt8(ascii: "H"), UInt8(ascii: "S"), UInt8(ascii: "X"): break
                default: return nil
                }
            }
            taken[Int(domain)] = mask
        }
        return taken
    }
}
