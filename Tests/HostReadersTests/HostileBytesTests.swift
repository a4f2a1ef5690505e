import HostReaders
import Signals
import Testing

@Suite("Hostile bytes")
struct HostileBytesTests {
    /// Feeds bytes to one of the parsers; says whether it took them.
    private func feed(_ bytes: Span<UInt8>, to parser: Int) -> Bool {
        do {
            switch parser {
            case 0: _ = try CPUStat(bytes)
            case 1: _ = try CPUAcctStat(bytes)
            case 2: _ = try Pressure(bytes)
            case 3: _ = try SchedStat(bytes)
            case 4: _ = try MemoryStat(bytes).resident
            case 5: _ = try OOMEvents(bytes)
            case 6: _ = try SingleValue(bytes)
            case 7: _ = try CPUMax(bytes)
            case 8: _ = try ProcessIO(bytes)
            case 9: _ = try ProcessStat(bytes)
            case 10: _ = try LoadAverage(bytes)
            case 11:
                var lines = IOStatLines()
                while lines.next(bytes) != nil {}
                return lines.malformed == nil
            case 12:
                var lines = BlkIOLines()
                while lines.next(bytes) != nil {}
                return lines.malformed == nil
            default:
                var lines = NetworkDeviceLines()
                while lines.next(bytes) != nil {}
                return lines.malformed == nil
            }
            return true
        } catch {
            _ = ReaderError(path: "/fixture", malformed: error, in: bytes)
            return false
        }
    }

    /// Real text for each parser, to be damaged.
    private static let seeds = [
        "usage_usec 60000000\nuser_usec 5\nsystem_usec 1\nnr_throttled 3\nthrottled_usec 9\n",
        "user 500\nsystem 200\n",
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=355668\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=345659\n",
        "767686563 569664376 375\n",
        "anon 536870912\nfile 20971520\nshmem 1048576\npgmajfault 100\n",
        "low 0\nhigh 0\noom_kill 0\n",
        "573108224\n",
        "max 100000\n",
        "rchar: 1\nread_bytes: 225280\nwrite_bytes: 4096\n",
        "42 (a) R 1) S 1 41 41 0 -1 4194368 1 0 3 0 7 8 0 0 20 0 5 0 215515 1000 250 1\n",
        "0.34 0.14 0.11 5/122 10521\n",
        "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n",
        "8:0 Read 4096\n8:0 Write 20\nTotal 4116\n",
        "h\nh\n vnet0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
    ]

    @Test("random and damaged bytes never trap a parser, and undamaged ones are taken", .timeLimit(.minutes(5)))
    func neverTraps() {
        for (parser, seed) in Self.seeds.enumerated() {
            let bytes = Array(seed.utf8)
            let isTaken = feed(bytes.span, to: parser)
            #expect(isTaken, "parser \(parser) refuses real text")
        }
        var generator = SplitMix64(seed: 20_250_101)
        let alphabet = Array("0123456789 \t\n:=-.()/maxtoalsefulTRdW\0\u{7f}".utf8)
        var refused = 0
        for round in 0..<200_000 {
            let parser = Int(generator.next() % UInt64(Self.seeds.count))
            var bytes: [UInt8]
            switch round % 3 {
            case 0:
                bytes = (0..<Int(generator.next() % 48)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            case 1:
                bytes = (0..<Int(generator.next() % 48)).map { _ in
                    alphabet[Int(generator.next() % UInt64(alphabet.count))]
                }
            default:
                bytes = Array(Self.seeds[parser].utf8)
                for _ in 0...generator.next() % 4 {
                    let place = Int(generator.next() % UInt64(bytes.count))
                    switch generator.next() % 4 {
                    case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
                    case 1: bytes.removeLast(min(bytes.count - 1, place))
                    case 2: bytes.insert(contentsOf: [0x39, 0x39, 0x39, 0x39, 0x39, 0x39, 0x39, 0x39, 0x39], at: place)
                    default: bytes[place] = alphabet[Int(generator.next() % UInt64(alphabet.count))]
                    }
                }
            }
            if !feed(bytes.span, to: parser) { refused += 1 }
        }
        #expect(refused > 50_000)
    }
}
