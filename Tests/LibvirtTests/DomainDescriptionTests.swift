import Signals
import Testing

@testable import Libvirt

@Suite("What a domain's XML says")
struct DomainDescriptionTests {
    static let uuid = "6695eb01-f6a4-8304-79aa-97f2502e193f"

    /// Reads a domain with the given elements beside its name and UUID.
    static func domain(_ elements: String = "", id: String = " id='3'") throws(LibvirtError) -> DomainDescription {
        let head = "<domain type='kvm'\(id)><name>web-1</name><uuid>\(uuid)</uuid>"
        return try DomainDescription(xml: Array((head + elements + "</domain>").utf8))
    }

    @Test("A whole domain as libvirt writes it")
    func whole() throws {
        let domain = try Self.domain(
            """
            <metadata>
              <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
                <nova:name>web</nova:name>
                <nova:owner>
                  <nova:user uuid="u-1">admin</nova:user>
                  <nova:project uuid="p-1">acme</nova:project>
                </nova:owner>
              </nova:instance>
              <quell:vm xmlns:quell="urn:quell:vm:1" class="batch"/>
            </metadata>
            <memory unit='KiB'>98304</memory>
            <vcpu placement='static' current='2'>8</vcpu>
            <cputune><shares>2048</shares><period>50000</period><quota>25000</quota>
              <emulator_quota>1000</emulator_quota></cputune>
            <devices>
              <disk type='file' device='disk'>
                <driver name='qemu' type='qcow2'/>
                <source file='/img/a.qcow2' index='1'/>
                <backingStore type='file'><format type='raw'/><source file='/img/base.raw'/></backingStore>
                <target dev='vda' bus='virtio'/>
              </disk>
              <disk type='block'><source dev='/dev/sdb'/><target dev='vdb'/></disk>
              <disk type='network'><source protocol='rbd' name='pool/image'/><target dev='vdc'/></disk>
              <disk type='file' device='cdrom'><target dev='sda'/></disk>
              <interface type='bridge'><source bridge='br0'/><target dev='vnet3'/></interface>
              <interface type='ethernet'><target dev='tap0'/></interface>
              <interface type='hostdev'>
                <source><address type='pci' domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/></source>
                <address type='pci' domain='0x0000' bus='0x07' slot='0x00' function='0x0'/>
              </interface>
              <hostdev mode='subsystem' type='pci' managed='yes'>
                <source><address domain='0x0000' bus='0x65' slot='0x00' function='0x0'/></source>
                <address type='pci' domain='0x0000' bus='0x06' slot='0x00' function='0x0'/>
              </hostdev>
              <hostdev mode='subsystem' type='mdev' model='vfio-pci'>
                <source><address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source>
              </hostdev>
              <hostdev mode='subsystem' type='usb'><source><address bus='1' device='2'/></source></hostdev>
            </devices>
            """
        )
        #expect(domain.uuid.description == Self.uuid)
        #expect(domain.id == 3)
        #expect(domain.name == "web-1")
        #expect(domain.vcpus == 2)
        #expect(domain.cpuShares == 2048)
        #expect(domain.quota == VCPUQuota(period: 50_000, quota: 25_000))
        #expect(domain.tapNames == ["vnet3", "tap0"])
        var drive = DomainDescription.Disk(target: "sda", source: nil)
        drive.takesLimits = false
        #expect(
            domain.disks == [
                DomainDescription.Disk(target: "vda", source: "/img/a.qcow2"),
                DomainDescription.Disk(target: "vdb", source: "/dev/sdb"),
                DomainDescription.Disk(target: "vdc", source: "pool/image"),
                drive,
            ]
        )
        #expect(domain.hostPCI == ["0000:3b:02.1", "0000:65:00.0"])
        #expect(domain.mdevs == ["c2177883-f1bb-47f0-914d-32a22e3a8804"])
        #expect(domain.tenants == ["p-1"])
        #expect(domain.workloadClass == "batch")
    }

    @Test("A domain that says nothing more has defaults, and none of what is not there")
    func bare() throws {
        var bare = DomainDescription(uuid: try #require(VMUUID(Self.uuid)), name: "web-1", vcpus: 1)
        bare.usesKVM = true
        #expect(try Self.domain(id: "") == bare)
        bare.id = 3
        #expect(try Self.domain() == bare)
    }

    @Test("The kind of its vCPUs is the domain's own type")
    func kind() throws {
        for (type, isKVM) in [("kvm", true), ("qemu", false), ("KVM", false), ("", false)] {
            let text = "<domain type='\(type)'><name>x</name><uuid>\(Self.uuid)</uuid></domain>"
            #expect(try DomainDescription(xml: Array(text.utf8)).usesKVM == isKVM, "\(type)")
        }
    }

    @Test(
        "Its memory in bytes; none where it does not make sense",
        arguments: [
            ("<memory unit='KiB'>98304</memory>", 98_304 << 10), ("<memory>8</memory>", 8 << 10),
            ("<memory unit='GiB'>2</memory>", 2 << 30), ("<memory unit='b'>7</memory>", 7),
            ("<memory unit='MiB'>1</memory>", 1 << 20), ("", nil), ("<memory unit='TB'>1</memory>", nil),
            ("<memory>-1</memory>", nil), ("<memory>99999999999999999999</memory>", nil),
            ("<memory unit='GiB'>18446744073709551615</memory>", nil),
            ("<metadata><memory>5</memory></metadata>", nil),
        ] as [(String, UInt64?)]
    )
    func memory(elements: String, bytes: UInt64?) throws {
        #expect(try Self.domain(elements).memory == bytes)
    }

    @Test(
        "A balloon that reports does so every so many seconds; without driver or period it does not",
        arguments: [
            ("<memballoon model='virtio'><stats period='10'/></memballoon>", 10),
            ("<memballoon model='virtio'/>", nil), ("<memballoon model='none'><stats period='10'/></memballoon>", nil),
            ("<memballoon model='virtio'><stats period='0'/></memballoon>", nil),
            ("<memballoon model='virtio'><stats period='-5'/></memballoon>", nil),
            ("<memballoon model='virtio'><stats period='x'/></memballoon>", nil),
            ("<memballoon><stats period='10'/></memballoon>", nil),
        ] as [(String, Int?)]
    )
    func balloon(element: String, period: Int?) throws {
        #expect(try Self.domain("<devices>\(element)</devices>").balloonPeriod == period)
    }

    @Test(
        "vCPUs are those that are there now, and at least one",
        arguments: [
            ("<vcpu>4</vcpu>", 4), ("<vcpu current='1'>4</vcpu>", 1), ("<vcpu current='x'>4</vcpu>", 4),
            ("<vcpu>0</vcpu>", 1), ("<vcpu>-5</vcpu>", 1), ("<vcpu>99999999999999999999999</vcpu>", 1),
            ("<vcpu>999999999</vcpu>", 65_536), ("<vcpu> \n 3 </vcpu>", 3), ("<vcpu/>", 1),
        ]
    )
    func vcpus(_ element: String, _ count: Int) throws {
        #expect(try Self.domain(element).vcpus == count)
    }

    @Test(
        "The stored quota, where there is one",
        arguments: [
            ("", nil), ("<cputune/>", nil),
            ("<cputune><period>100000</period></cputune>", VCPUQuota(period: 100_000, quota: nil)),
            ("<cputune><quota>-1</quota></cputune>", VCPUQuota(period: 100_000, quota: nil)),
            ("<cputune><quota>5000</quota></cputune>", VCPUQuota(period: 100_000, quota: 5_000)),
            ("<cputune><quota>5000x</quota></cputune>", nil),
            ("<cputune><vcpu><quota>5000</quota></vcpu></cputune>", nil),
        ] as [(String, VCPUQuota?)]
    )
    func quota(_ element: String, _ quota: VCPUQuota?) throws {
        #expect(try Self.domain(element).quota == quota)
    }

    private static let nova = "xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.0'"
    private static let quell = "xmlns:q='urn:quell:vm:1'"

    @Test("A mark of Quell's in the metadata is noticed, wherever else its words stand")
    func mark() throws {
        let mark = "<q:hold xmlns:q='urn:quell:hold:1'>{}</q:hold>"
        #expect(try Self.domain("<metadata>\(mark)</metadata>").isMarked)
        #expect(try !Self.domain("").isMarked)
        #expect(try !Self.domain("<metadata><q:hold xmlns:q='urn:other'/></metadata>").isMarked)
        #expect(try !Self.domain("<metadata><x>\(mark)</x></metadata>").isMarked)
    }

    @Test(
        "Tenants, each once",
        arguments: [
            ("", []),
            ("<q:vm \(quell) tenant='acme'/>", ["acme"]),
            ("<vm xmlns='urn:quell:vm:1' tenant='acme'/>", ["acme"]),
            ("<q:vm \(quell) tenant=''/>", []),
            ("<q:vm \(quell) tenant=' a&#10;b '/>", ["a\u{FFFD}b"]),
            ("<q:vm \(quell) tenant='acme'/><q:vm \(quell) tenant='acme'/>", ["acme"]),
            ("<q:vm \(quell) tenant='acme'/><q:vm \(quell) tenant='evil'/>", ["acme", "evil"]),
            ("<vm tenant='acme'/>", []),
            ("<q:vm xmlns:q='urn:other' tenant='acme'/>", []),
            ("<x><q:vm \(quell) tenant='acme'/></x>", []),
            (owner("<nova:project uuid='p-1'>acme</nova:project>"), ["p-1"]),
            (owner("<nova:project>acme</nova:project>"), ["acme"]),
            (owner("<nova:project uuid=''>  </nova:project>"), []),
            (owner("<nova:user uuid='u-1'>bob</nova:user>"), []),
            (owner("<project uuid='p-1'>acme</project>"), []),
            ("<q:vm \(quell) tenant='acme'/>" + owner("<nova:project uuid='p-1'>acme</nova:project>"), ["acme"]),
            ("<q:vm \(quell) tenant='p-1'/>" + owner("<nova:project uuid='p-1'>acme</nova:project>"), ["p-1"]),
            (
                "<q:vm \(quell) tenant='evil'/>" + owner("<nova:project uuid='p-1'>acme</nova:project>"),
                ["evil", "p-1"]
            ),
        ] as [(String, [String])]
    )
    func tenants(_ metadata: String, _ tenants: [String]) throws {
        #expect(try Self.domain("<metadata>\(metadata)</metadata>").tenants == tenants)
    }

    private static func owner(_ inside: String) -> String {
        "<nova:instance \(nova)><nova:owner>\(inside)</nova:owner></nova:instance>"
    }

    @Test("A PCI address out of range or unreadable is passed over")
    func pci() throws {
        let address = { (bus: String) in
            "<devices><hostdev type='pci'><source><address bus='\(bus)' slot='0x1' function='0x0'/></source></hostdev>"
                + "</devices>"
        }
        #expect(try Self.domain(address("0xff")).hostPCI == ["0000:ff:01.0"])
        #expect(try Self.domain(address("0x100")).hostPCI == [])
        #expect(try Self.domain(address("-1")).hostPCI == [])
        #expect(try Self.domain(address("")).hostPCI == [])
    }

    @Test("Text in CDATA and in entities that XML itself has is read")
    func text() throws {
        let domain = try Self.domain("<metadata><q:vm \(Self.quell) tenant='a&amp;b&lt;'/></metadata>")
        #expect(domain.tenants == ["a&b<"])
        let xml = "\n <domain><!-- <name>b</name> --><name><![CDATA[a&b]]></name><uuid>\(Self.uuid)</uuid></domain>\n"
        #expect(try DomainDescription(xml: Array(xml.utf8)).name == "a&b")
    }
}
