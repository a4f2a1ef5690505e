/// A guest that runs and does nothing: two vCPUs, a disk and an interface, halted from the first instruction on.
///
/// It boots no system but a firmware of our own, so that a thousand of them start in minutes and leave the CPUs alone.
/// To libvirt and to the kernel it is a running domain like any other.
struct HaltedGuest {
    /// The domain's name.
    let name: String
    /// Its number within the herd, from 1.
    let number: Int
    /// Where its disk and the firmware lie.
    let directory: String

    /// Its disk's file.
    var disk: String { directory + "/\(number).raw" }
    /// The file with its description for libvirt.
    var file: String { directory + "/\(number).xml" }

    /// The firmware: 64 KiB that end with the first instruction of an x86 processor at 0xFFFF0.
    ///
    /// It loads the interval timer with a single short count, because the timer's usual 18 interrupts a second would keep
    /// QEMU's main loop busy, then halts with interrupts off. The second vCPU waits for a start-up message that never
    /// comes.
    static var firmware: [UInt8] {
        /// `hlt`, all over.
        var bytes = [UInt8](repeating: 0xF4, count: 65_536)
        // cli; mov al, 0x30; out 0x43, al; mov al, 1; out 0x40, al; mov al, 0; out 0x40, al; hlt; jmp to the hlt
        let code: [UInt8] = [
            0xFA, 0xB0, 0x30, 0xE6, 0x43, 0xB0, 0x01, 0xE6, 0x40, 0xB0, 0x00, 0xE6, 0x40, 0xF4, 0xEB, 0xFD,
        ]
        bytes.replaceSubrange(0xFF00..<0xFF00 + code.count, with: code)
        // jmp to 0xFF00, which is 0xF3 bytes before the end of this instruction.
        bytes.replaceSubrange(0xFFF0..<0xFFF3, with: [0xE9, 0x0D, 0xFF])
        return bytes
    }

    /// The domain's description for libvirt.
    ///
    /// - Parameters:
    ///   - uuid: The domain's UUID.
    ///   - firmware: The file of the firmware.
    ///   - bridge: The bridge that its interface is put on.
    /// - Returns: The XML.
    func xml(uuid: String, firmware: String, bridge: String) -> String {
        """
        <domain type='qemu'>
          <name>\(name)</name>
          <uuid>\(uuid)</uuid>
          <metadata>
            <quell:vm xmlns:quell='urn:quell:vm:1' tenant='t\(number % 10)' class='standard'/>
          </metadata>
          <memory unit='MiB'>1</memory>
          <vcpu>2</vcpu>
          <os>
            <type arch='x86_64' machine='pc'>hvm</type>
            <loader readonly='yes' type='rom'>\(firmware)</loader>
          </os>
          <devices>
            <emulator>/usr/bin/qemu-system-x86_64</emulator>
            <controller type='usb' model='none'/>
            <disk type='file' device='disk'>
              <driver name='qemu' type='raw'/>
              <source file='\(disk)'/>
              <target dev='vda' bus='virtio'/>
            </disk>
            <interface type='bridge'>
              <source bridge='\(bridge)'/>
              <target dev='\(bridge)h\(number)'/>
              <model type='virtio'/>
              <rom enabled='no'/>
            </interface>
            <memballoon model='virtio'><stats period='10'/></memballoon>
          </devices>
        </domain>

        """
    }
}
