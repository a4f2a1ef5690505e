import Signals
import Testing

@testable import Enforcement

/// What the ledger keeps, and what it makes of a file that is not as it was written.
@Suite("Ledger")
struct LedgerTests {
    let bench = Bench()

    private func draft(_ vm: VMIdentity = Bench.a, name: String? = nil) -> Lease {
        var order = Bench.order(vm)
        order.name = name ?? order.name
        let now = Lease.Moment(wall: 5, boot: Bench.start)
        return Lease(
            order: order,
            knob: .vcpuQuota,
            before: .quota(Bench.free),
            pending: .quota(Bench.share(0.5)),
            now: now,
            bootID: "boot-1"
        )
    }

    /// Writes three open leases and gives the file's bytes.
    private func threeLeases() throws -> [UInt8] {
        var ledger = try bench.ledger()
        for vm in [Bench.a, Bench.b, Bench.c] { _ = try ledger.open(draft(vm)) }
        return try #require(bench.world.bytes("ledger"))
    }

    /// Puts bytes in the place of the ledger's.
    private func plant(_ bytes: [UInt8]) {
        bench.world.edit { state in
            guard let id = state.names["ledger"] else { return }
            state.inodes[id] = World.Inode(cached: bytes, durable: bytes)
        }
    }

    private func ids(_ leases: [Lease]) -> [UInt64] { leases.map(\.id) }

    @Test("What is written is read again, whatever the VM is called")
    func roundTrip() throws {
        var written: Lease
        do {
            var ledger = try bench.ledger()
            written = try ledger.open(draft(name: "a\nb\u{0}'\"\\/\u{2028}é😀"))
            written.pending = .quota(Bench.share(0.2))
            try ledger.change(written)
            written = try ledger.applied(written.id)
        }
        #expect(written.set == .quota(Bench.share(0.2)))
        #expect(try bench.leasesOnDisk() == [written])
    }

    @Test("Numbers are never given twice, compaction and closing notwithstanding")
    func numbers() throws {
        for expected in 1...5 as ClosedRange<UInt64> {
            var ledger = try bench.ledger(compactFrom: 1)
            let lease = try ledger.open(draft())
            #expect(lease.id == expected)
            try ledger.close(lease.id, .released(.calm))
        }
        #expect(try bench.leasesOnDisk().isEmpty)
    }

    @Test("A file that has grown is written anew and stays small")
    func compacts() throws {
        var ledger = try bench.ledger(compactFrom: 4_000)
        let kept = try ledger.open(draft(Bench.b))
        for _ in 1...200 {
            let lease = try ledger.open(draft())
            try ledger.close(lease.id, .released(.calm))
            #expect(try #require(bench.world.bytes("ledger")).count < 5_500)
        }
        #expect(ledger.leases == [kept])
    }

    @Test("A lease that is not open can neither be changed nor closed")
    func unknown() throws {
        var ledger = try bench.ledger()
        var stray = draft()
        stray.id = 7
        #expect(throws: LedgerError.unknownLease(7)) { try ledger.change(stray) }
        #expect(throws: LedgerError.unknownLease(7)) { try ledger.applied(7) }
        #expect(throws: LedgerError.unknownLease(7)) { try ledger.close(7, .handedOver) }
    }

    @Test("A tail torn at any byte costs the torn line alone, and its bytes are kept")
    func tornTails() throws {
        let bytes = try threeLeases()
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        for cut in 0...bytes.count {
            plant(Array(bytes.prefix(cut)))
            bench.world.edit { $0.names["ledger.damaged"] = nil }
            // Without its line feed a line whose checksum is right still counts; the first line is the head.
            let whole = max(0, ends.count { $0 <= cut } - 1)
            let isClean = cut == 0 || ends.contains(cut - 1) || ends.contains(cut)
            do {
                var ledger = try bench.ledger()
                #expect(ledger.leases.count == whole, "cut at \(cut)")
                #expect(ledger.damage.map(\.kind) == (isClean ? [] : [.tail]), "cut at \(cut)")
                #expect((bench.world.bytes("ledger.damaged") == nil) == isClean, "cut at \(cut)")
                _ = try ledger.open(draft())
            }
            let ledger = try bench.ledger()
            #expect(ledger.leases.count == whole + 1, "cut at \(cut)")
            #expect(ledger.damage.isEmpty, "cut at \(cut)")
        }
    }

    @Test("A bit that flips anywhere costs at most the two lines that it joins, and is told")
    func flippedBits() throws {
        let bytes = try threeLeases()
        for index in bytes.indices {
            for bit in 0..<8 {
                var bad = bytes
                bad[index] ^= 1 << UInt8(bit)
                let reading = try LedgerReading(bad, path: "l")
                #expect(reading.image.leases.count >= 1)
                let isTail = index > bytes.count - 3
                #expect(!reading.damage.isEmpty || isTail || isHexCase(bytes[index], bad[index]), "byte \(index)")
                for lease in reading.image.leases.values { #expect(lease.before == .quota(Bench.free)) }
            }
        }
    }

    /// Whether two bytes are the same hexadecimal digit: that flip says the same.
    private func isHexCase(_ one: UInt8, _ other: UInt8) -> Bool {
        one ^ other == 0x20 && (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(one | 0x20)
    }

    @Test("A bad line in the middle is skipped, told and kept aside")
    func badMiddle() throws {
        var bytes = try threeLeases()
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        bytes[ends[1] + 20] ^= 1
        plant(bytes)
        do {
            let ledger = try bench.ledger()
            #expect(ids(ledger.leases) == [1, 3])
            #expect(ledger.damage.map(\.kind) == [.line])
            #expect(ledger.damage.map(\.line) == [3])
        }
        #expect(bench.world.bytes("ledger.damaged") == Array(bytes[(ends[1] + 1)...ends[2]]))
        #expect(try bench.ledger().damage.isEmpty)
    }

    @Test("A file of a newer format is refused and left as it is")
    func newerFormat() throws {
        _ = try threeLeases()
        var record = LedgerRecord(kind: .head, next: 1)
        record.v = LedgerRecord.version + 1
        let bytes = try record.line()
        plant(bytes)
        #expect(throws: LedgerError.unsupportedVersion(path: "/var/lib/quell/ledger", found: LedgerRecord.version + 1))
        {
            _ = try bench.ledger()
        }
        #expect(bench.world.bytes("ledger") == bytes)
    }

    @Test(
        "Bytes that never were a ledger are kept aside, not read",
        arguments: ["", "\n\n\n", "hello", "00000000 {}\n"]
    )
    func garbage(text: String) throws {
        _ = try threeLeases()
        plant(Array(text.utf8))
        let ledger = try bench.ledger()
        #expect(ledger.leases.isEmpty)
        #expect(ledger.damage.isEmpty == text.isEmpty)
    }

    @Test("A second keeper is refused while the first lives, and told who that is")
    func contention() throws {
        do {
            let first = try bench.ledger()
            let pid = try #require(bench.world.bytes("ledger.lock")).prefix { $0 != UInt8(ascii: " ") }
            let holder = Int32(String(decoding: pid, as: UTF8.self))
            #expect(holder != nil)
            #expect(throws: LedgerError.locked(path: "/var/lib/quell", pid: holder)) { _ = try bench.ledger() }
            _ = first.leases
        }
        #expect(throws: Never.self) { _ = try bench.ledger() }
    }

    @Test("A write that fails at any call changes nothing, and the next one succeeds")
    func failedWrites() throws {
        var ledger = try bench.ledger()
        let lease = try ledger.open(draft())
        for call in [World.DiskCall.write, .synchronize] {
            bench.world.edit { $0.diskFaults = [call: .diskFull(path: "l")] }
            #expect(throws: LedgerError.diskFull(path: "l")) { try ledger.close(lease.id, .handedOver) }
            #expect(ledger.leases.first == lease)
            bench.world.edit { $0.diskFaults = [:] }
            // After a failed sync the bytes on disk are in doubt: the file is written anew.
            #expect(try ledger.open(draft(Bench.b)).id > 1)
        }
        #expect(ledger.leases.count == 3)
    }

    @Test("What a failed write left never mixes with the line after it, and is not trusted to a later sync")
    func failedThenPower() throws {
        for call in [World.DiskCall.write, .synchronize] {
            let bench = Bench()
            do {
                var ledger = try bench.ledger()
                let lease = try ledger.open(draft())
                bench.world.edit { $0.diskFaults = [call: .diskFull(path: "l")] }
                #expect(throws: LedgerError.diskFull(path: "l")) { _ = try ledger.open(draft(Bench.b)) }
                bench.world.edit { $0.diskFaults = [:] }
                try ledger.close(lease.id, .released(.calm))
                _ = try ledger.open(draft(Bench.c))
            }
            bench.world.revive { _, _ in 0 }
            let ledger = try bench.ledger()
            #expect(ledger.damage.isEmpty, "\(call)")
            #expect(ledger.leases.map(\.vm) == [Bench.c], "\(call)")
        }
    }

    @Test("Writes that are cut short are carried on")
    func shortWrites() throws {
        bench.world.edit { $0.shortWrites = true }
        _ = try threeLeases()
        #expect(try ids(bench.leasesOnDisk()) == [1, 2, 3])
    }

    @Test("A damaged file on a full disk can still be read, and is mended later")
    func damagedAndFull() throws {
        let bytes = try threeLeases()
        plant(bytes + Array("torn".utf8))
        bench.world.edit { $0.diskFaults = [.write: .diskFull(path: "l")] }
        var ledger = try bench.ledger()
        #expect(ids(ledger.leases) == [1, 2, 3])
        #expect(throws: LedgerError.diskFull(path: "l")) { try ledger.close(1, .handedOver) }
        bench.world.edit { $0.diskFaults = [:] }
        try ledger.close(1, .handedOver)
        #expect(bench.world.bytes("ledger.damaged") == Array("torn\n".utf8))
        #expect(try LedgerReading(#require(bench.world.bytes("ledger")), path: "l").damage.isEmpty)
    }
}
