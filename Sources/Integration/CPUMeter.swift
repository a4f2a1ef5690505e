import Glibc

/// CPU time of whole processes, to the nanosecond, by the kernel's own clock of each.
///
/// It counts all threads, those that have ended too.
enum CPUMeter {
    /// The CPU time of a process so far.
    ///
    /// The corresponding C functions are `clock_getcpuclockid` and `clock_gettime`.
    ///
    /// - Parameter pid: The process.
    /// - Returns: Seconds, or `nil` where it is gone.
    static func seconds(of pid: Int32) -> Double? {
        var clock = clockid_t()
        var time = timespec()
        // SAFETY: each call writes one value of the type that it is given.
        guard unsafe clock_getcpuclockid(pid, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Who used CPU time, in seconds: so far, or over a stretch of time.
struct Bill {
    /// The agent under test.
    var agent = 0.0
    /// libvirtd.
    var libvirtd = 0.0
    /// All QEMU processes.
    var qemu = 0.0
    /// journald.
    var journald = 0.0

    /// All but journald.
    var whole: Double { agent + libvirtd + qemu }

    /// What was used between two bills.
    static func - (left: Bill, right: Bill) -> Bill {
        Bill(
            agent: left.agent - right.agent,
            libvirtd: left.libvirtd - right.libvirtd,
            qemu: left.qemu - right.qemu,
            journald: left.journald - right.journald
        )
    }

    /// The bill times a number.
    static func * (bill: Bill, factor: Double) -> Bill {
        Bill(
            agent: bill.agent * factor,
            libvirtd: bill.libvirtd * factor,
            qemu: bill.qemu * factor,
            journald: bill.journald * factor
        )
    }
}
