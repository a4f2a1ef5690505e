/// What a VM's interface hangs on, as sysfs tells (`ABI/testing/sysfs-class-net`): its bridge, and the host's own
/// interfaces behind that.
public struct InterfacePlace: Sendable {
    private let directory: String
    /// The host's own interfaces behind a bridge or below an interface, by its name: many VMs hang on one.
    private var uplinks: [String: [UInt32]] = [:]

    /// Nothing looked at yet.
    ///
    /// - Parameter roots: Where sysfs is.
    public init(_ roots: HostRoots) {
        directory = roots.sys + "/class/net"
    }

    /// The bridge of an interface and the uplinks behind it, or the uplinks below it where it has no bridge.
    ///
    /// Two bridges of one uplink share that, so that VMs on both contend for it.
    ///
    /// - Parameter name: The interface's name on the host.
    /// - Returns: Interface indices, sorted; empty where it hangs on nothing that is known.
    public mutating func links(of name: String) -> [UInt32] {
        guard !name.isEmpty, !name.contains("/"), name != ".." else { return [] }
        var found: Set<UInt32> = []
        if let master = Self.last(HostDirectory.linkTarget(of: "\(directory)/\(name)/master")) {
            guard let index = index(of: master) else { return [] }
            found.insert(index)
            found.formUnion(uplinks(behind: master))
        } else {
            found.formUnion(uplinks(below: name, depth: 0))
        }
        return found.sorted()
    }

    /// The host's own interfaces that are ports of a bridge.
    private mutating func uplinks(behind bridge: String) -> [UInt32] {
        if let known = uplinks[bridge] { return known }
        var found: [UInt32] = []
        for port in HostDirectory.names(in: "\(directory)/\(bridge)/brif") {
            if HostDirectory.exists("\(directory)/\(port)/device") {
                if let index = index(of: port) { found.append(index) }
            } else {
                found += uplinks(below: port, depth: 0)
            }
        }
        uplinks[bridge] = found
        return found
    }

    /// The interfaces on which a VLAN, a bond or a macvtap stands, down to those with a device.
    private func uplinks(below name: String, depth: Int) -> [UInt32] {
        guard depth < 8 else { return [] }
        var found: [UInt32] = []
        for entry in HostDirectory.names(in: "\(directory)/\(name)") where entry.hasPrefix("lower_") {
            let lower = String(entry.dropFirst(6))
            let deeper = uplinks(below: lower, depth: depth + 1)
            if deeper.isEmpty, let index = index(of: lower) { found.append(index) }
            found += deeper
        }
        return found
    }

    /// An interface's index.
    private func index(of name: String) -> UInt32? {
        HostDirectory.bytes(of: "\(directory)/\(name)/ifindex").flatMap { try? SingleValue($0.span) }?.value
            .flatMap { UInt32(exactly: $0) }
    }

    /// The last part of a path.
    private static func last(_ path: String?) -> String? { path?.split(separator: "/").last.map(String.init) }
}
