/// Keeps the tick from waiting for the kernel's RTNL lock again and again.
///
/// A dump over rtnetlink waits while somebody holds that lock, as for a card whose firmware is reset. So a dump that took
/// too long makes way for `/proc/net/dev`, which takes no lock, for a while; so does one that failed.
struct DumpPatience {
    /// A dump that takes longer than this, in seconds, has waited.
    static let limit = 0.02
    /// Ticks without a dump after one that has waited or failed.
    static let pause: UInt64 = 30

    private var resume: UInt64 = 0

    /// Whether a dump is due in a tick.
    func isDue(_ tick: UInt64) -> Bool { tick >= resume }

    /// Takes note of a dump.
    mutating func note(seconds: Double, failed: Bool, in tick: UInt64) {
        if failed || seconds > Self.limit { resume = tick &+ Self.pause }
    }
}
