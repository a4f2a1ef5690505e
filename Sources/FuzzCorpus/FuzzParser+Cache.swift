internal import HostReaders

extension FuzzParser {
    /// The resource control file system and the CPUs' performance counters.
    static let cache: [FuzzParser] = [
        .file("mon-data", ["1048576\n", "Unavailable\n", "Error\n", "Unassigned\n"]) { bytes, seen throws(Malformed) in
            if case .bytes(let value) = try MonitorValue(bytes) { seen.number(value) }
        },
        .file("cpu-list", ["0-3,8,10-11\n", "0\n"]) { bytes, seen throws(Malformed) in
            let list = try CPUList(bytes)
            seen.expect(list.cpus.count <= 8_192 && list.cpus.allSatisfy { (0..<8_192).contains($0) }, "\(list)")
        },
        .file(
            "thread-status",
            [
                "Name:\tCPU 0/KVM\nCpus_allowed:\tff\nCpus_allowed_list:\t0-3,8\nMems_allowed_list:\t0-1\n"
                    + "voluntary_ctxt_switches:\t5\n"
            ]
        ) { bytes, seen throws(Malformed) in
            let places = try AllowedPlaces(bytes)
            seen.expect(!places.cpus.isEmpty && places.cpus.allSatisfy { $0 < 8_192 }, "\(places)")
            seen.expect(places.nodes.allSatisfy { $0 < 8_192 }, "\(places)")
        },
        .file("block-device", ["8:1\n", "259:0\n"]) { bytes, seen throws(Malformed) in
            let device = try BlockDevice(bytes)
            seen.expect(device.major < 4_096 && device.minor < 1_048_576, "\(device)")
        },
        .text("cpu-resctrl-groups", ["res:/\nmon:quell-1\n", "res:/pqos\nmon:\n"], words: ["res:", "mon:", "..", "/"]) {
            ResctrlTree.place($0) != nil
        },
        FuzzParser(
            "resctrl-schemata",
            seeds: [
                "    MB:0=100;1=100\n    L3:0=7ff;1=7ff\n", "L3DATA:0=fffff\nL3CODE:0=fffff\n", "MB:0=2048;1=  16\n",
            ].map { Array($0.utf8) },
            words: ["L3:", "MB:", "L2CODE:", "uninitialized", ";", "=", "ffffffff", "4294967295", "2147483648"],
            weight: 500,
            longest: 1 << 14
        ) { bytes in
            guard let schemata = ResctrlSchemata(String(decoding: bytes, as: UTF8.self)) else { return .refused }
            return ResctrlSchemata(schemata.text) == schemata ? .taken : .broken("\(schemata.text) is read otherwise")
        },
        .text("resctrl-bit-usage", ["0=XXSSSSSSSSS;1=XXSSEESSPPS\n", "3=0H\n"], words: ["E", "P", ";", "=", "32="]) {
            ResctrlResource.taken($0) != nil
        },
        .binary("perf-group", [[3, 9_000_000, 8_000_000, 1, 2, 3].flatMap(words), [3, 0, 0, 0, 0, 0].flatMap(words)]) {
            (try? PerfReadout($0)) == nil ? .refused : .taken
        },
    ]

    /// A word of 64 bits as it lies in memory.
    private static func words(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }
}
