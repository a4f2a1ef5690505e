import Foundation
import Glibc
public import Signals

/// The clocks of this host.
///
/// Everything below the runtime takes time as a value; here it is read.
public enum HostClock {
    /// Now on the clock that counts suspend too (`CLOCK_BOOTTIME`).
    public static func now() -> MonotonicTime {
        var time = timespec()
        // SAFETY: clock_gettime writes one timespec.
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return MonotonicTime(nanoseconds: UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, time.tv_nsec)))
    }

    /// Now on the wall clock, in nanoseconds since 1970 UTC.
    public static func wallNanoseconds() -> Int64 {
        var time = timespec()
        // SAFETY: clock_gettime writes one timespec.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// CPU time that this process used, in seconds (`CLOCK_PROCESS_CPUTIME_ID`).
    public static func processSeconds() -> Double {
        var time = timespec()
        // SAFETY: clock_gettime writes one timespec.
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// This boot (`/proc/sys/kernel/random/boot_id`, `random(4)`); empty where the kernel does not tell.
    public static var bootID: String {
        let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    }

    /// CPUs online, at least 1.
    public static var onlineCPUs: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
