import Foundation

/// A vCPU as the kernel sees it: a thread of QEMU in a cgroup of its own.
///
/// Everything here is read from the kernel's files and nothing through Quell's own readers, so that it can be held
/// against what Quell says.
struct VCPU {
    /// CPU time and waiting time of a thread, in seconds since its start (`/proc/PID/task/TID/schedstat`).
    struct Usage {
        /// Time on a CPU.
        var run = 0.0
        /// Time runnable but waiting for a CPU.
        var delay = 0.0
    }

    /// A bandwidth limit as the kernel's file shows it.
    struct Quota: Equatable, CustomStringConvertible {
        /// Microseconds of CPU time a period; `nil` for no limit.
        var quota: Int64?
        /// The period in microseconds.
        var period: Int64

        /// The limit for people.
        var description: String { quota.map { "\($0)/\(period) µs" } ?? "none" }
    }

    /// How often and for how long the kernel held a cgroup back (`cpu.stat`).
    struct Throttling {
        /// Periods in which it was held back.
        var periods: Int64
        /// Seconds for which it was held back.
        var seconds: Double
    }

    /// QEMU's process.
    let pid: Int32
    /// The thread.
    let tid: Int32
    /// The directory of its cgroup with the CPU controller.
    let cgroup: String
    /// Whether that is a cgroup v2.
    let isUnified: Bool

    /// The vCPUs of a QEMU process, by number.
    ///
    /// QEMU names the threads `CPU n/TCG` or `CPU n/KVM`.
    ///
    /// - Parameter pid: The process.
    /// - Returns: Its vCPUs; none where it is gone.
    static func all(of pid: Int32) -> [VCPU] {
        var found: [(number: Int, vcpu: VCPU)] = []
        for entry in Files.names(in: "/proc/\(pid)/task") {
            guard let tid = Int32(entry), let comm = Files.text("/proc/\(pid)/task/\(tid)/comm"),
                comm.hasPrefix("CPU "), let slash = comm.firstIndex(of: "/"),
                let number = Int(comm[comm.index(comm.startIndex, offsetBy: 4)..<slash]),
                let place = Cgroups.cpu(ofTask: "/proc/\(pid)/task/\(tid)")
            else { continue }
            found.append((number, VCPU(pid: pid, tid: tid, cgroup: place.path, isUnified: place.isUnified)))
        }
        return found.sorted { $0.number < $1.number }.map(\.vcpu)
    }

    /// What the kernel has counted so far.
    var usage: Usage {
        let words = (Files.text("/proc/\(pid)/task/\(tid)/schedstat") ?? "").split(separator: " ").compactMap {
            Double($0)
        }
        guard words.count >= 2 else { return Usage() }
        return Usage(run: words[0] / 1e9, delay: words[1] / 1e9)
    }

    /// The limit in force, or `nil` where the cgroup is gone.
    var quota: Quota? {
        if isUnified {
            guard let words = Files.text(cgroup + "/cpu.max")?.split(whereSeparator: \.isWhitespace), words.count == 2,
                let period = Int64(words[1])
            else { return nil }
            return Quota(quota: Int64(words[0]), period: period)
        }
        guard let quota = Files.number(cgroup + "/cpu.cfs_quota_us"),
            let period = Files.number(cgroup + "/cpu.cfs_period_us")
        else { return nil }
        return Quota(quota: quota < 0 ? nil : quota, period: period)
    }

    /// How much the kernel has held it back so far, or `nil` where the cgroup is gone.
    var throttling: Throttling? {
        guard let text = Files.text(cgroup + "/cpu.stat") else { return nil }
        var result = Throttling(periods: 0, seconds: 0)
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let value = Int64(words[1]) else { continue }
            switch words[0] {
            case "nr_throttled": result.periods = value
            case "throttled_time": result.seconds = Double(value) / 1e9
            case "throttled_usec": result.seconds = Double(value) / 1e6
            default: break
            }
        }
        return result
    }
}
