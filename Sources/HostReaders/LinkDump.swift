internal import CKernel
internal import Glibc

/// The counters of all interfaces of the host in one dump.
///
/// `RTM_GETSTATS` with nothing but `IFLA_STATS_LINK_64` (Linux 4.7) costs less than a quarter of `/proc/net/dev` and names
/// interfaces by their index; where the kernel lacks it, `RTM_GETLINK` stands in. Both take the kernel's RTNL lock,
/// which the file does not: see ``seconds``.
public struct LinkDump: ~Copyable {
    private var dump: NetlinkDump
    private var request = Self.stats
    /// Whether the kernel lacks `RTM_GETSTATS`.
    public private(set) var isLegacy = false
    /// How long the latest dump took, in seconds: mostly more than a fraction of a millisecond only where somebody
    /// held the lock.
    public private(set) var seconds = 0.0

    /// Opens a socket.
    public init() {
        dump = NetlinkDump(NETLINK_ROUTE)
    }

    /// Takes over a socket that is open, such as one end of a pair whose other end plays back a recording.
    ///
    /// - Parameter descriptor: The socket; it is closed at the end.
    public init(adopting descriptor: Int32) {
        dump = NetlinkDump(adopting: descriptor)
    }

    /// Reads all interfaces, once more where some came or went meanwhile.
    ///
    /// - Parameter take: Takes each interface; one may be told twice.
    /// - Returns: What came of it.
    public mutating func read(_ take: (LinkStats) -> Void) -> NetlinkOutcome {
        let start = Self.now
        var outcome = run(take)
        if case .refused(let code) = outcome, !isLegacy, code == EOPNOTSUPP || code == EINVAL {
            isLegacy = true
            request = Self.links
            outcome = run(take)
        }
        if outcome == .interrupted { outcome = run(take) }
        seconds = Self.now - start
        return outcome
    }

    /// Runs the dump once.
    private mutating func run(_ take: (LinkStats) -> Void) -> NetlinkOutcome {
        var isMalformed = false
        let outcome = dump.run(&request) { message, bytes in
            do {
                if let stats = try LinkStats.read(message, bytes) { take(stats) }
            } catch {
                isMalformed = true
            }
        }
        return isMalformed && outcome.isUsable ? .malformed : outcome
    }

    /// `RTM_GETSTATS`: `struct if_stats_msg` with the filter for the one kind of statistics.
    private static var stats: NetlinkRequest {
        var header: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        NetlinkRequest.append(UInt32(1) << UInt32(IFLA_STATS_LINK_64 - 1), to: &header)
        return NetlinkRequest(type: UInt16(RTM_GETSTATS), header: header)
    }

    /// `RTM_GETLINK`: an empty `struct ifinfomsg`.
    private static var links: NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_GETLINK), header: [UInt8](repeating: 0, count: MemoryLayout<ifinfomsg>.size))
    }

    /// Seconds on the monotonic clock.
    ///
    /// The corresponding C function is `clock_gettime`.
    private static var now: Double {
        var time = timespec()
        // SAFETY: the kernel fills the one structure it is given.
        guard unsafe clock_gettime(CLOCK_MONOTONIC, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
