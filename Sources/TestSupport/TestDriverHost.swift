internal import Foundation

/// A host of libvirt's test driver with one running domain, of this test's own: `test:///default` is one for all.
///
/// The domain has 2 vCPUs, 8 GiB of which 2 are in use, the disk `vda` and the interface `testnet0`.
public final class TestDriverHost: Sendable {
    /// Where libvirt finds it; each connection has a domain of its own.
    public var uri: String { "test://" + path }
    /// The domain's name.
    public let name = "test"

    private let path = FileManager.default.temporaryDirectory.path + "/quell-node-" + UUID().uuidString + ".xml"

    /// Describes the host in a file.
    public init() {
        let text = """
            <node><domain type='test'>
            <name>\(name)</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>
            <memory>8388608</memory><currentMemory>2097152</currentMemory><vcpu>2</vcpu><os><type>hvm</type></os>
            <devices>
              <disk type='file' device='disk'><source file='/a'/><target dev='vda' bus='virtio'/></disk>
              <interface type='network'>
                <mac address='aa:bb:cc:dd:ee:ff'/><source network='default'/><target dev='testnet0'/>
              </interface>
            </devices>
            </domain></node>

            """
        let isWritten = FileManager.default.createFile(atPath: path, contents: Data(text.utf8))
        precondition(isWritten, "cannot write \(path)")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
