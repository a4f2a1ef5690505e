internal import Libvirt
internal import Signals

extension FuzzParser {
    /// What libvirt says of volumes, and of who has them; images say themselves what they are made from.
    static let storage: [FuzzParser] = [
        FuzzParser(
            "volume-xml",
            seeds: [
                """
                <volume type='file'><name>web.qcow2</name><key>/img/web.qcow2</key><capacity>1048576</capacity>
                <target><path>/img/web.qcow2</path><format type='qcow2'/></target>
                <backingStore><path>/img/base.qcow2</path><format type='qcow2'/></backingStore></volume>
                """
            ].map { Array($0.utf8) },
            words: [
                "<name>", "</name>", "<path/>", "<backingStore>", "<format type='raw'/>", "&amp;", "json:{", "../",
            ],
            weight: 200,
            longest: StorageVolume.sizeLimit
        ) { bytes in
            guard let volume = try? StorageVolume(xml: bytes, pool: "p") else { return .refused }
            return volume.name.isEmpty || volume.path.isEmpty ? .broken("a volume without a name or a path") : .taken
        },
        FuzzParser(
            "domain-storage",
            seeds: [
                """
                <domain><name>a</name><uuid>8e5a4d1c-7a53-4a52-9d0e-3f0b5c1d2e6f</uuid><devices><disk type='file'>
                <driver type='qcow2'/><source file='/img/a'/><backingStore type='file'><format type='raw'/>
                <source file='/img/b'/><backingStore/></backingStore><target dev='vda'/></disk>
                <disk type='volume'><source pool='p' volume='v'/><mirror file='/img/c'/></disk>
                <filesystem><source dir='/srv'/></filesystem>
                </devices></domain>
                """
            ].map { Array($0.utf8) },
            words: [
                "<backingStore>", "<backingStore/>", "</backingStore>", "<source file='/x'/>", "<mirror/>", "<disk>",
            ],
            weight: 100,
            longest: 1 << 14
        ) { bytes in
            guard let storage = try? DomainStorage(xml: bytes) else { return .refused }
            let isWithin =
                storage.paths.allSatisfy { $0.hasPrefix("/") } && storage.bases.isSubset(of: storage.paths)
                && storage.directories.isSubset(of: storage.paths)
            return isWithin ? .taken : .broken("what it names is not among its paths: \(storage)")
        },
    ]
}
