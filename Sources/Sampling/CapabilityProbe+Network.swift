internal import Glibc
internal import Signals

extension CapabilityProbe {
    /// The interfaces of VMs.
    static func network(_ signal: Signal, _ facts: HostFacts) -> Capability {
        switch signal {
        case .netSpoofed: return spoofed(facts.network)
        case .netNeighbours: return neighbours(facts.network)
        case .netMulticast: return multicast(facts)
        default: return links(signal, facts)
        }
    }

    /// The counters that every driver has.
    private static func links(_ signal: Signal, _ facts: HostFacts) -> Capability {
        switch facts.network.links {
        case .stats: return Capability(signal: signal, state: .available, source: "rtnetlink, RTM_GETSTATS")
        case .links: return Capability(signal: signal, state: .available, source: "rtnetlink, RTM_GETLINK")
        case .file:
            let source = "/proc/net/dev"
            if facts.hasNetDev { return Capability(signal: signal, state: .available, source: source) }
            let state = Capability.State.notAvailable("/proc/net/dev cannot be read")
            return Capability(signal: signal, state: state, source: source)
        }
    }

    /// Multicast packets.
    private static func multicast(_ facts: HostFacts) -> Capability {
        let code = facts.network.packetSocketRefusal
        guard code != 0 else {
            let floor = Int(MulticastSource.floor)
            let why =
                "the tun driver counts none: those interfaces that send more than \(floor) packets a second are "
                + "counted, \(MulticastRota.most) at a time in turns"
            return Capability(signal: .netMulticast, state: .degraded(why), source: "packet sockets, every 2 s")
        }
        let why = "the tun driver counts none, and packet sockets are refused (\(text(code)))"
        let remedy = "filters.conf as a drop-in of the unit: CAP_NET_RAW and AF_PACKET"
        return Capability(signal: .netMulticast, state: .degraded(why), source: "the driver's counter", remedy: remedy)
    }

    /// What anti-spoof filters drop.
    private static func spoofed(_ facts: NetworkFacts) -> Capability {
        let source = "nftables, counters of the VM's filter, every 5 s"
        let state: Capability.State
        var remedy: String?
        switch facts.filter {
        case .untried: state = .notAvailable("the packet filter was not asked")
        case .refused(let code):
            state = .notAvailable("the packet filter cannot be read (\(text(code)))")
            let lacksRight = code == EPERM || code == EACCES
            remedy =
                lacksRight
                ? "filters.conf as a drop-in of the unit: CAP_NET_ADMIN" : "a kernel with CONFIG_NF_TABLES_BRIDGE"
        case .empty:
            if facts.hasLegacyTables {
                state = .notAvailable("legacy ebtables is in use, which is not read")
                remedy = "update-alternatives --set ebtables /usr/sbin/ebtables-nft, then restart libvirtd"
            } else {
                state = .notAvailable("no interface of a VM has a filter")
                remedy = "<filterref filter='clean-traffic'/> in the <interface> of each VM"
            }
        case .rules(let counting, let silent):
            guard silent > 0 else {
                let why = "only of interfaces with a filter"
                return Capability(signal: .netSpoofed, state: .degraded(why), source: source)
            }
            let why = "\(silent) of \(counting + silent) rules that drop do not count"
            state = counting > 0 ? .degraded(why) : .notAvailable(why)
            remedy = "enable_counters = 1 in /etc/libvirt/nwfilter.conf"
        }
        return Capability(signal: .netSpoofed, state: state, source: source, remedy: remedy)
    }

    /// Source addresses.
    private static func neighbours(_ facts: NetworkFacts) -> Capability {
        let source = "the bridge's forwarding table (RTM_GETNEIGH), every 5 s"
        let signal = Signal.netNeighbours
        let remedy = "<source bridge='…'/> with a Linux bridge that learns"
        if case .file(let code) = facts.links, code != 0 {
            let state = Capability.State.notAvailable("rtnetlink is refused (\(text(code)))")
            let families = "AF_NETLINK in RestrictAddressFamilies= of the unit"
            return Capability(signal: signal, state: state, source: source, remedy: families)
        }
        guard facts.hasBridge else {
            let state = Capability.State.notAvailable("the host has no Linux bridge; other switches tell nothing")
            return Capability(signal: signal, state: state, source: source, remedy: remedy)
        }
        let state = Capability.State.degraded("only of ports of a Linux bridge that learns")
        return Capability(signal: signal, state: state, source: source, remedy: remedy)
    }

    /// What an `errno` means, for people.
    private static func text(_ code: Int32) -> String {
        // SAFETY: strerror gives a C string for every number; it is copied at once.
        unsafe String(cString: strerror(code))
    }
}
