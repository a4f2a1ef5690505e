internal import Signals

/// When to open NVML again after it, or a GPU, failed.
struct GPURetry {
    /// Seconds until the first try.
    static let first = 10.0
    /// The most seconds between two tries.
    static let most = 320.0

    private var wait = 0.0
    private var next = MonotonicTime(nanoseconds: 0)

    /// Whether it is time.
    func isDue(at now: MonotonicTime) -> Bool { wait == 0 || now >= next }

    /// Notes a try that failed: the next one waits for twice as long.
    mutating func failed(at now: MonotonicTime) {
        wait = wait == 0 ? Self.first : min(2 * wait, Self.most)
        next = now.advanced(bySeconds: wait)
    }

    /// Notes that all is well.
    mutating func succeeded() { wait = 0 }
}
