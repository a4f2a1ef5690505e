import Signals
import Testing

@testable import Libvirt

@Suite("Volumes, and what domains name as places of data")
struct StorageTests {
    private func volume(_ xml: String) throws -> StorageVolume { try StorageVolume(xml: Array(xml.utf8), pool: "p") }

    private func storage(_ devices: String, _ more: String = "") throws -> DomainStorage {
        let uuid = "00000000-0000-0000-0000-000000000007"
        let xml = "<domain><name>a</name><uuid>\(uuid)</uuid>\(more)<devices>\(devices)</devices></domain>"
        return try DomainStorage(xml: Array(xml.utf8))
    }

    @Test("A volume with what it is made from, and one that is made from nothing")
    func volumes() throws {
        let overlay = try volume(
            """
            <volume type='file'><name>w.qcow2</name><key>/img/w.qcow2</key><target><path>/img/w.qcow2</path>
            <format type='qcow2'/></target><backingStore><path>/img/b</path><format type='raw'/></backingStore></volume>
            """
        )
        #expect(
            overlay
                == StorageVolume(
                    pool: "p",
                    name: "w.qcow2",
                    path: "/img/w.qcow2",
                    format: "qcow2",
                    backing: "/img/b",
                    backingFormat: "raw"
                )
        )
        let plain = try volume("<volume><name>a&amp;b</name><target><path>/a&amp;b</path></target></volume>")
        #expect(plain == StorageVolume(pool: "p", name: "a&b", path: "/a&b"))
    }

    @Test(
        "What is no volume is an error with its place",
        arguments: ["", "<volume/>", "<volume><name>a</name></volume>", "<pool><name>a</name></pool>", "<volume>"]
    )
    func broken(xml: String) {
        #expect(throws: LibvirtError.self) { try volume(xml) }
    }

    @Test("Every path counts, wherever it stands, but for those of the metadata")
    func paths() throws {
        let found = try storage(
            """
            <disk type='file'><driver type='raw'/><source file='/img/a'/><target dev='vda'/></disk>
            <filesystem><source dir='/srv'/></filesystem><serial><source path='/log'/></serial>
            <disk type='volume'><driver type='raw'/><source pool='p' volume='v'/></disk>
            """,
            "<os><nvram> /n </nvram></os><metadata><x a='/no'>/no</x></metadata>"
        )
        #expect(found.paths == ["/img/a", "/srv", "/log", "/n"])
        #expect(found.directories == ["/srv"] && found.bases.isEmpty && found.open.isEmpty)
        #expect(found.volumes == [DomainStorage.Named(pool: "p", volume: "v")])
    }

    @Test("The end of a disk's chain is open unless the description ends it, or its format is raw")
    func chains() throws {
        let head = "<disk type='file'><driver type='qcow2'/><source file='/a'/>"
        let base = "<backingStore type='file'><format type='%'/><source file='/b'/>"
        func open(_ xml: String) throws -> Set<DomainStorage.OpenImage> { try storage(xml).open }
        #expect(try open(head + "</disk>") == [.path("/a")])
        #expect(try open(head + "<backingStore/></disk>").isEmpty)
        let known = head + base.replacing("%", with: "qcow2")
        #expect(try open(known + "<backingStore/></backingStore></disk>").isEmpty)
        #expect(try open(known + "</backingStore></disk>") == [.path("/b")])
        #expect(try storage(known + "<backingStore/></backingStore></disk>").bases == ["/b"])
        #expect(try open(head + base.replacing("%", with: "raw") + "</backingStore></disk>").isEmpty)
        #expect(try open("<disk><driver type='raw'/><source file='/a'/></disk>").isEmpty)
        #expect(try open("<disk><source file='/a'/></disk>") == [.path("/a")])
        #expect(try open("<disk device='cdrom'><driver type='raw'/></disk><disk device='cdrom'/>").isEmpty)
        #expect(try open("<disk><driver type='qcow2'/><source protocol='nbd' name='x'/></disk>") == [.other("x")])
        let named = DomainStorage.Named(pool: "p", volume: "v")
        #expect(
            try open("<disk><driver type='qcow2'/><source pool='p' volume='v'/></disk>") == [.volume(named)]
        )
        let copied = "<disk><driver type='raw'/><source file='/a'/><backingStore/><mirror file='/c'/></disk>"
        #expect(try storage(copied).open.count == 1 && storage(copied).paths.contains("/c"))
    }

    @Test("Two disks are told apart, and both descriptions of a domain count")
    func several() throws {
        var found = try storage(
            "<disk><driver type='qcow2'/><source file='/a'/></disk><disk><driver type='raw'/><source file='/b'/></disk>"
        )
        #expect(found.open == [.path("/a")])
        found.merge(try storage("<disk><driver type='qcow2'/><source file='/c'/></disk>"))
        #expect(found.open == [.path("/a"), .path("/c")] && found.paths == ["/a", "/b", "/c"])
    }

    @Test("libvirt's own test driver lists its pool, and tells what its domain names")
    func driver() async throws {
        let connection = LibvirtConnection(uri: "test:///default", watchesDomains: false)
        try await connection.connect()
        let listing = try await connection.storage(refreshing: true)
        #expect(listing.failures.isEmpty && listing.inactive.isEmpty)
        let uuid = try #require(try await connection.allDomains().first)
        #expect(try await connection.places(of: uuid).uuid == uuid)
    }
}
