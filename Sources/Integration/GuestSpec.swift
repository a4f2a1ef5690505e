import Foundation

/// What a guest is to be.
struct GuestSpec {
    /// Its short name within the bed, such as `a1`.
    var label: String
    /// What its domain's name has behind the bed's and the label, whatever it is.
    var suffix = ""
    /// The tenant in its metadata; none is written where `nil`.
    var tenant: String?
    /// The workload class in its metadata.
    var workloadClass = "standard"
    /// Its vCPUs.
    var vcpus = 1
    /// Its memory in MiB.
    var memory = 112
    /// Whether an I/O thread serves its disk.
    var hasIOThread = false
    /// The socket of the storage that its disk is on (``SharedStorage``); it has a file of its own where `nil`.
    var storage: String?
    /// The filter of its first interface, which is told its address; it has none where `nil`.
    var filter: String?
    /// The network of libvirt's that a second interface is on; it has none where `nil`.
    var network: String?

    /// The domain's description for libvirt.
    ///
    /// - Parameters:
    ///   - name: The domain's name.
    ///   - uuid: The domain's UUID.
    ///   - number: Its number within the bed, 1 to 250: the last part of its address.
    ///   - directory: Where its disk, console and command pipe lie.
    ///   - image: What it boots.
    ///   - bridge: The bridge that its interface is put on.
    ///   - tap: The name of its tap device.
    /// - Returns: The XML.
    func xml(
        name: String,
        uuid: String,
        number: Int,
        directory: String,
        image: GuestImage,
        bridge: String,
        tap: String
    ) -> String {
        let owner = tenant.map { "tenant='\($0)' " } ?? ""
        let driver = hasIOThread ? " iothread='1'" : ""
        let threads = hasIOThread ? "<iothreads>1</iothreads>" : ""
        let filterElement = filter.map {
            "<filterref filter='\($0)'><parameter name='IP' value='10.213.0.\(number)'/></filterref>"
        }
        let second = network.map { Self.second(on: $0, tap: tap + "n", address: Self.address(number, 0x6d)) } ?? ""
        return """
            <domain type='qemu'>
              <name>\(Self.escaped(name))</name>
              <uuid>\(uuid)</uuid>
              <metadata>
                <quell:vm xmlns:quell='urn:quell:vm:1' \(owner)class='\(workloadClass)'/>
              </metadata>
              <memory unit='MiB'>\(memory)</memory>
              <vcpu>\(vcpus)</vcpu>
              \(threads)
              <os>
                <type arch='x86_64' machine='pc'>hvm</type>
                <kernel>\(image.kernel)</kernel>
                <initrd>\(image.initrd)</initrd>
                <cmdline>console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off nokaslr number=\(number)</cmdline>
              </os>
              <features><acpi/></features>
              <on_reboot>destroy</on_reboot>
              <on_crash>destroy</on_crash>
              <devices>
                <emulator>/usr/bin/qemu-system-x86_64</emulator>
                <controller type='usb' model='none'/>
                <disk type='\(storage == nil ? "file" : "network")' device='disk'>
                  <driver name='qemu' type='raw'\(driver)/>
                  \(source(directory))
                  <target dev='vda' bus='virtio'/>
                </disk>
                <interface type='bridge'>
                  <mac address='\(Self.address(number))'/>
                  <source bridge='\(bridge)'/>
                  <target dev='\(tap)'/>
                  <model type='virtio'/>
                  \(filterElement ?? "")
                </interface>
                \(second)
                <serial type='file'>
                  <source path='\(directory)/console.log'/>
                  <target port='0'/>
                </serial>
                <serial type='pipe'>
                  <source path='\(directory)/command'/>
                  <target port='1'/>
                </serial>
                <memballoon model='virtio'><stats period='10'/></memballoon>
              </devices>
            </domain>

            """
    }

    /// What is behind its disk.
    private func source(_ directory: String) -> String {
        guard let storage else { return "<source file='\(directory)/disk.raw'/>" }
        return "<source protocol='nbd' name='\(label)'><host transport='unix' socket='\(storage)'/></source>"
    }

    /// The hardware address of a guest's interface.
    ///
    /// - Parameters:
    ///   - number: The guest's number within the bed.
    ///   - family: The byte before the last: another one for another interface.
    /// - Returns: The address.
    static func address(_ number: Int, _ family: Int = 0x6c) -> String {
        let last = (number < 16 ? "0" : "") + String(number, radix: 16)
        return "52:54:00:71:\(String(family, radix: 16)):\(last)"
    }

    /// A text as XML writes it.
    ///
    /// - Parameter text: The text.
    /// - Returns: The text with all that XML would take for its own written as references.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("'", with: "&apos;")
    }

    /// An interface on a network of libvirt's.
    private static func second(on network: String, tap: String, address: String) -> String {
        """
        <interface type='network'>
          <mac address='\(address)'/>
          <source network='\(network)'/>
          <target dev='\(tap)'/>
          <model type='virtio'/>
        </interface>
        """
    }
}
