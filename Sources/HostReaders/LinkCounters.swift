/// The counters of one network interface, seen from the host.
///
/// What the host receives from a tap is what the guest sent, and the other way round.
public struct LinkCounters: Equatable, Sendable {
    /// Bytes received.
    public var rxBytes: UInt64
    /// Packets received.
    public var rxPackets: UInt64
    /// Packets received in error.
    public var rxErrors: UInt64
    /// Packets dropped on the way in, those included that the device had no room for.
    public var rxDrops: UInt64
    /// Multicast packets received; the tun driver does not count them.
    public var multicast: UInt64
    /// Bytes sent.
    public var txBytes: UInt64
    /// Packets sent.
    public var txPackets: UInt64
    /// Packets sent in error.
    public var txErrors: UInt64
    /// Packets dropped on the way out.
    public var txDrops: UInt64
}
