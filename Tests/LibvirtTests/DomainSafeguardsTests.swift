import Testing

@testable import Libvirt

@Suite("What of a domain's XML keeps it apart from its neighbours")
struct DomainSafeguardsTests {
    private func domain(_ elements: String) throws -> DomainDescription { try DomainDescriptionTests.domain(elements) }

    @Test(
        "Memory, firmware, TPM and limits of the whole domain",
        arguments: [
            ("", []),
            ("<memoryBacking><nosharepages/></memoryBacking>", .noPageSharing),
            ("<memoryBacking><hugepages/></memoryBacking>", .hugePages),
            ("<memoryBacking><hugepages><page size='1' unit='G'/></hugepages></memoryBacking>", .hugePages),
            ("<memoryBacking><access mode='shared'/></memoryBacking>", .sharedMemory),
            ("<memoryBacking><access mode='private'/></memoryBacking>", []),
            ("<nosharepages/><metadata><memoryBacking><nosharepages/></memoryBacking></metadata>", []),
            ("<os firmware='efi'><type>hvm</type></os>", .uefi),
            ("<os firmware='bios'/>", []),
            ("<os><loader readonly='yes' type='pflash'>/x.fd</loader></os>", .uefi),
            ("<os><loader secure='yes' type='pflash'>/x.fd</loader></os>", [.uefi, .secureBoot]),
            ("<os><loader secure='no' type='pflash'>/x.fd</loader></os>", .uefi),
            (
                "<os firmware='efi'><firmware><feature enabled='yes' name='secure-boot'/></firmware></os>",
                [.uefi, .secureBoot]
            ),
            ("<os firmware='efi'><firmware><feature enabled='no' name='secure-boot'/></firmware></os>", .uefi),
            ("<os firmware='efi'><firmware><feature enabled='yes' name='enrolled-keys'/></firmware></os>", .uefi),
            ("<devices><tpm model='tpm-crb'><backend type='emulator'/></tpm></devices>", .tpm),
            ("<devices><tpm/></devices>", []),
            ("<cputune><global_quota>50000</global_quota></cputune>", .globalQuota),
            ("<cputune><global_quota>-1</global_quota></cputune>", []),
            ("<cputune><global_quota>x</global_quota></cputune>", []),
            (
                "<blkiotune><device><path>/dev/sda</path><read_bytes_sec>9</read_bytes_sec></device></blkiotune>",
                .deviceLimits
            ),
            ("<blkiotune><device><path>/dev/sda</path><weight>9</weight></device></blkiotune>", []),
            ("<blkiotune><device><read_iops_sec>0</read_iops_sec></device></blkiotune>", []),
        ] as [(String, DomainSafeguards)]
    )
    func whole(elements: String, safeguards: DomainSafeguards) throws {
        #expect(try domain(elements).safeguards == safeguards)
    }

    @Test(
        "A disk is limited where bytes or operations a second are",
        arguments: [
            ("", false), ("<iotune/>", false), ("<iotune><total_bytes_sec>1</total_bytes_sec></iotune>", true),
            ("<iotune><write_iops_sec> 20 </write_iops_sec></iotune>", true),
            ("<iotune><total_bytes_sec>0</total_bytes_sec></iotune>", false),
            ("<iotune><total_bytes_sec>-1</total_bytes_sec></iotune>", false),
            ("<iotune><size_iops_sec>4096</size_iops_sec><group_name>g</group_name></iotune>", false),
            ("<iotune><total_bytes_sec_max>5</total_bytes_sec_max></iotune>", false),
            ("<total_bytes_sec>5</total_bytes_sec>", false),
            ("<throttlefilters><throttlefilter group='limit0'/></throttlefilters>", true),
            ("<throttlefilters><throttlefilter group=''/></throttlefilters>", false),
        ] as [(String, Bool)]
    )
    func disks(element: String, isLimited: Bool) throws {
        let disk = "<disk type='file'><source file='/a'/><target dev='vda'/>\(element)</disk>"
        let other = "<disk type='file'><source file='/b'/><target dev='vdb'/></disk>"
        let disks = try domain("<devices>\(disk)\(other)</devices>").disks
        #expect(disks.map(\.isLimited) == [isLimited, false])
    }

    @Test(
        "An interface with a filter, and with limits of what it sends and receives",
        arguments: [
            ("", []),
            ("<filterref filter='clean-traffic'/>", .filter),
            ("<filterref filter='site-rules'><parameter name='IP' value='10.0.0.9'/></filterref>", .filter),
            ("<filterref filter='allow-ipv4'/>", []), ("<filterref filter=''/>", []), ("<filterref/>", []),
            ("<bandwidth><inbound average='1000'/><outbound average='1000'/></bandwidth>", [.inbound, .outbound]),
            ("<bandwidth><inbound average='1000' peak='5'/></bandwidth>", .inbound),
            ("<bandwidth><outbound average='1'/></bandwidth>", .outbound),
            ("<bandwidth><outbound average='0'/><inbound floor='100'/></bandwidth>", []),
            ("<bandwidth/><inbound average='1000'/>", []),
        ] as [(String, InterfaceSafeguards)]
    )
    func interfaces(element: String, safeguards: InterfaceSafeguards) throws {
        let interface = "<interface type='bridge'><target dev='vnet0'/>\(element)</interface>"
        let other = "<interface type='bridge'><target dev='vnet1'/></interface>"
        let interfaces = try domain("<devices>\(interface)\(other)</devices>").interfaces
        #expect(interfaces.map(\.safeguards) == [safeguards, []])
    }

    @Test("The file with the firmware's variables")
    func nvram() throws {
        let path = "/var/lib/libvirt/qemu/nvram/web-1_VARS.fd"
        #expect(try domain("<os><nvram template='/t.fd'>\(path)</nvram></os>").nvram == path)
        #expect(try domain("<os><nvram/></os>").nvram == nil)
        #expect(try domain("<nvram>\(path)</nvram>").nvram == nil)
    }
}
