import Signals

/// One life of a guest of the soak: what it is, and what befalls it.
struct SoakGuest {
    /// What befalls it between its creation and its end.
    enum Fate: CaseIterable {
        /// It runs until it is destroyed.
        case plain
        /// It is destroyed in the moment in which it has come up.
        case brief
        /// It is paused, and destroyed so.
        case paused
        /// It is paused and goes on.
        case resumed
    }

    /// The domain's name, which one guest after the other has.
    let name: String
    /// The domain's UUID: a new one, or that of the last guest of the name.
    let uuid: String
    /// Whether it has a disk, an interface and a balloon that tells.
    let hasDevices: Bool
    /// What befalls it.
    let fate: Fate

    /// The domain's description for libvirt.
    ///
    /// - Parameters:
    ///   - firmware: The file of the firmware that halts it.
    ///   - disk: The file of its disk, if it has one.
    ///   - tap: Its tap, if it has an interface.
    ///   - bridge: The bridge that its interface is put on.
    ///   - tenant: Whose it is.
    /// - Returns: The XML.
    func xml(firmware: String, disk: String, tap: String, bridge: String, tenant: String) -> String {
        let devices = """
            <disk type='file' device='disk'>
              <driver name='qemu' type='raw'/><source file='\(disk)'/><target dev='vda' bus='virtio'/>
            </disk>
            <interface type='bridge'>
              <source bridge='\(bridge)'/><target dev='\(tap)'/><model type='virtio'/><rom enabled='no'/>
            </interface>
            <memballoon model='virtio'><stats period='10'/></memballoon>
            """
        return """
            <domain type='qemu'>
              <name>\(name)</name>
              <uuid>\(uuid)</uuid>
              <metadata><quell:vm xmlns:quell='urn:quell:vm:1' tenant='\(tenant)' class='standard'/></metadata>
              <memory unit='MiB'>1</memory>
              <vcpu>1</vcpu>
              <os>
                <type arch='x86_64' machine='pc'>hvm</type>
                <loader readonly='yes' type='rom'>\(firmware)</loader>
              </os>
              <devices>
                <emulator>/usr/bin/qemu-system-x86_64</emulator>
                <controller type='usb' model='none'/>
                \(hasDevices ? devices : "<memballoon model='none'/>")
              </devices>
            </domain>

            """
    }
}
