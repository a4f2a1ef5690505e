/// A CPU package of the powercap tree (`power/powercap/powercap`), `intel-rapl:N`, on AMD as well.
public struct PowerPackage: Sendable, Equatable {
    /// Its directory.
    public let directory: String
    /// Its name, such as `package-0` or `package-1-die-0`.
    public let name: String
    /// The number of microjoules at which its energy counter begins again from 0.
    public let energyRange: UInt64

    /// The packages of the host in the order of their names.
    ///
    /// Zones below a package (cores, memory) are part of it, and `psys`, the whole board, and `intel-rapl-mmio`, a second
    /// way to the same package, would count twice.
    ///
    /// - Parameter roots: Where sysfs is.
    /// - Returns: The packages.
    public static func all(_ roots: HostRoots) -> [PowerPackage] {
        let base = roots.sys + "/class/powercap"
        return HostDirectory.names(in: base).filter { CgroupPaths.isNumbered($0[...], "intel-rapl:") }.sorted()
            .compactMap { PowerPackage(directory: "\(base)/\($0)") }
    }

    /// Looks at a zone; `nil` where it is no package.
    init?(directory: String) {
        guard let text = HostDirectory.text(of: directory + "/name"), text.hasPrefix("package"),
            let range = Self.number(directory + "/max_energy_range_uj"), range > 0
        else { return nil }
        self.directory = directory
        name = String(text.prefix { $0 != "\n" })
        energyRange = range
    }

    /// Microjoules drawn since the counter began; `nil` where it cannot be read, since Linux 5.10 by root alone.
    public var energy: UInt64? { Self.number(directory + "/energy_uj") }

    /// Whether the energy may be read.
    public var access: FileAccess { FileAccess(directory + "/energy_uj") }

    /// Watts that the package may draw for long: the least limit in force; `nil` where there is none, as on AMD.
    ///
    /// Each constraint limits the mean over its time window, so the least one binds whatever is drawn for longer than all
    /// windows. One without a window limits the peak and is left out, as is one of 0.
    public var limit: Double? {
        if Self.number(directory + "/enabled") == 0 { return nil }
        var least: Double?
        for constraint in 0..<8 {
            let prefix = "\(directory)/constraint_\(constraint)_"
            guard let limit = Self.number(prefix + "power_limit_uw"), limit > 0,
                let window = Self.number(prefix + "time_window_us"), window > 0
            else { continue }
            least = min(least ?? .infinity, Double(limit) * 1e-6)
        }
        return least
    }

    /// The number that a file holds.
    private static func number(_ path: String) -> UInt64? {
        HostDirectory.bytes(of: path).flatMap { bytes in try? SingleValue(bytes.span) }?.value
    }
}
