public import HostReaders

/// What libvirt and the hypervisor behind it can count.
public struct LibvirtFacts: Equatable, Sendable {
    /// libvirt's version, major × 1,000,000 + minor × 1,000 + release; `nil` where it is not known.
    public var libvirt: UInt?
    /// QEMU's version in the same form; `nil` where it is not known.
    public var qemu: UInt?
    /// Whether the host has KVM (`/dev/kvm`).
    public var hasKVM = false

    /// A host of which nothing is known.
    public init() {}

    /// Looks at a host.
    ///
    /// - Parameters:
    ///   - roots: Where its trees are.
    ///   - libvirt: libvirt's version, as the caller found it.
    ///   - qemu: QEMU's version, as the caller found it.
    public init(probing roots: HostRoots, libvirt: UInt?, qemu: UInt?) {
        self.libvirt = libvirt
        self.qemu = qemu
        // Every kernel with KVM lists its device among the miscellaneous ones, whatever /dev looks like.
        hasKVM =
            HostDirectory.text(of: roots.proc + "/misc").map { text in
                text.split(separator: "\n").contains { $0.split(separator: " ").last == "kvm" }
            } ?? false
    }

    /// Why a version is too old, or `nil` where it is not; one that is not known counts as new enough.
    static func lack(_ name: String, _ version: UInt?, below least: UInt) -> String? {
        guard let version, version < least else { return nil }
        return "\(name) is \(text(version)), and \(text(least)) is the first that tells it"
    }

    /// A version as people write it.
    static func text(_ version: UInt) -> String {
        "\(version / 1_000_000).\(version / 1_000 % 1_000).\(version % 1_000)"
    }
}
