public import HostReaders
internal import Signals

/// A GPU of the host that a VM uses, and whether nobody else does.
public struct GPUTenancy: Equatable, Sendable {
    /// Its address on the PCI bus.
    public let address: String
    /// Whether the VM has all of it: the whole GPU, or every vGPU that is on it.
    public let isSole: Bool

    /// The GPUs that a VM uses and that NVML sees; one that is passed through is hidden from the host and not among them.
    ///
    /// - Parameters:
    ///   - vm: The VM; its PCI and mediated devices count.
    ///   - roots: Where sysfs is.
    ///   - session: Opens NVML; asked only where the VM has vGPUs.
    /// - Returns: The GPUs, by address; of one whose vGPUs cannot be listed the VM is not the sole user.
    /// - Throws: What `session` throws.
    public static func all(
        of vm: VMDescription,
        roots: HostRoots,
        session: () throws(NVMLError) -> GPUSession
    ) throws(NVMLError) -> [GPUTenancy] {
        let claims = GPUClaims(of: vm, roots: roots)
        var found = claims.whole.map { GPUTenancy(address: $0, isSole: true) }
        for address in claims.shared where !claims.whole.contains(address) {
            let session = try session()
            let device = try session.attach(address).get()
            let shares = GPUShares()
            let isListed = shares.list(device, in: session) == nil
            found.append(GPUTenancy(address: address, isSole: isListed && shares.areAll(of: claims)))
        }
        return found.sorted { $0.address < $1.address }
    }
}
