/// How fast the host's CPUs run.
///
/// Reading may interrupt each CPU to ask it, so it is never done within a tick.
public enum CPUFrequency {
    /// Where a frequency was read from.
    public enum Source: Sendable, Equatable {
        /// `cpufreq` of each CPU (`admin-guide/pm/cpufreq`).
        case scaling
        /// `cpu MHz` of `/proc/cpuinfo`, in many virtual machines the nominal frequency.
        case cpuinfo
    }

    /// The mean over the CPUs online; `nil` where none tells.
    ///
    /// - Parameter roots: Where sysfs and procfs are.
    /// - Returns: Hertz, and where they come from.
    public static func mean(_ roots: HostRoots) -> (hertz: Double, source: Source)? {
        var buffer = ReadBuffer(capacity: 4_096)
        var sum = 0.0
        var count = 0.0
        let base = roots.sys + "/devices/system/cpu"
        for name in HostDirectory.names(in: base) where CgroupPaths.isNumbered(name[...], "cpu") {
            let file = KernelFile(directory: "\(base)/\(name)/cpufreq", name: "scaling_cur_freq")
            // A CPU that is offline has no such file, and a driver that does not know says so in words.
            guard case .bytes(let size) = file.read(into: &buffer),
                let kilohertz = try? SingleValue(buffer.storage.span.extracting(first: size)).value, kilohertz > 0
            else { continue }
            sum += Double(kilohertz) * 1_000
            count += 1
        }
        if count > 0 { return (sum / count, .scaling) }
        let file = KernelFile(directory: roots.proc, name: "cpuinfo")
        guard case .bytes(let size) = file.readAll(into: &buffer),
            let mean = CPUInfoFrequency(buffer.storage.span.extracting(first: size)).hertz
        else { return nil }
        return (mean, .cpuinfo)
    }
}
