import Foundation

/// A guest that is described and started, and never runs an instruction: for what its description says alone.
struct AuditedGuest {
    /// The domain's name.
    let name: String
    /// Its UUID, in lower case.
    let uuid = UUID().uuidString.lowercased()
    /// The host's device of its interface.
    let tap: String
    /// The files of its disks, `vda` first.
    let disks: [String]
    /// Its tenant.
    var tenant = "s"
    /// The filter of its interface; none without safeguards.
    var filter = ""
    /// The format of its disks.
    var format = "raw"
    /// Whether it has every safeguard that a description can give.
    var isGuarded = true

    /// The XML.
    ///
    /// - Parameter bridge: The bridge that its interface is put on.
    /// - Returns: The XML.
    func xml(bridge: String) -> String {
        let elements = disks.enumerated().map { index, file in
            """
            <disk type='file' device='disk'>
              <driver name='qemu' type='\(format)'/>
              <source file='\(file)'/>
              <target dev='vd\(index == 0 ? "a" : "b")' bus='virtio'/>
              \(isGuarded ? "<iotune><total_bytes_sec>104857600</total_bytes_sec></iotune>" : "")
            </disk>
            """
        }
        return """
            <domain type='qemu'>
              <name>\(name)</name>
              <uuid>\(uuid)</uuid>
              <metadata><quell:vm xmlns:quell='urn:quell:vm:1' tenant='\(tenant)'/></metadata>
              <memory unit='MiB'>64</memory>
              \(isGuarded ? "<memoryBacking><nosharepages/></memoryBacking>" : "")
              <vcpu>1</vcpu>
              \(isGuarded ? "<cputune><period>100000</period><quota>50000</quota></cputune>" : "")
              \(isGuarded ? Self.signedFirmware : Self.plainFirmware)
              <features><acpi/>\(isGuarded ? "<smm state='on'/>" : "")</features>
              <devices>
                <emulator>/usr/bin/qemu-system-x86_64</emulator>
                \(elements.joined(separator: "\n"))
                <interface type='bridge'>
                  <source bridge='\(bridge)'/>
                  <target dev='\(tap)'/>
                  <model type='virtio'/>
                  \(isGuarded ? "<filterref filter='\(filter)'/>" : "")
                </interface>
                \(isGuarded ? "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>" : "")
              </devices>
            </domain>

            """
    }

    private static let plainFirmware = "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
    private static let signedFirmware = """
        <os firmware='efi'>
          <type arch='x86_64' machine='q35'>hvm</type>
          <firmware><feature enabled='yes' name='secure-boot'/></firmware>
        </os>
        """
}
