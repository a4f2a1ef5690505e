/// What sysfs says of an interface as a port of a Linux bridge.
public enum BridgePort {
    /// Whether an interface is a port whose bridge learns addresses from it; ports of Open vSwitch and macvtap are not.
    ///
    /// - Parameters:
    ///   - interface: Its name.
    ///   - roots: Where sysfs is.
    /// - Returns: Whether it is.
    public static func learns(_ interface: String, roots: HostRoots) -> Bool {
        HostDirectory.text(of: "\(roots.sys)/class/net/\(interface)/brport/learning")?.first == "1"
    }
}
