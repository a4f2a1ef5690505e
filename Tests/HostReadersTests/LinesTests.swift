import HostReaders
import Testing

@Suite("Parsers of files with one line for each device")
struct LinesTests {
    @Test("io.stat gives each device, passes over lines that make no sense and says so")
    func ioStat() throws {
        let bytes = try Fixtures.malformed("io.stat.mixed")
        var lines = IOStatLines()
        var devices: [IODevice] = []
        while let device = lines.next(bytes.span) { devices.append(device) }
        #expect(devices.map(\.device) == [8 << 32, 8 << 32 | 32])
        #expect(devices.map(\.readBytes) == [1, 5])
        #expect(devices.map(\.writeBytes) == [2, 6])
        #expect(devices.map(\.readOps) == [3, 7])
        #expect(devices.map(\.writeOps) == [4, 8])
        #expect(lines.malformed == Malformed(at: 36))
    }

    @Test("blkio gives reads and writes and no totals")
    func blkIO() {
        let bytes = Array("8:0 Read 10\n8:0 Write 20\n8:0 Sync 30\n8:0 Total 30\nTotal 30\n".utf8)
        var lines = BlkIOLines()
        var values: [UInt64] = []
        while let entry = lines.next(bytes.span) { values.append(entry.isWrite ? entry.value * 100 : entry.value) }
        #expect(values == [10, 2_000])
        #expect(lines.malformed == nil)
    }

    @Test("a blkio file in which the kernel counts nothing has no device")
    func blkIOEmpty() {
        let bytes = Array("Total 0\n".utf8)
        var lines = BlkIOLines()
        let first = lines.next(bytes.span)
        #expect(first == nil)
        #expect(lines.malformed == nil)
    }

    @Test("interfaces are read with and without a blank behind the colon, long names and short lines left out")
    func netDev() throws {
        let bytes = try Fixtures.malformed("net-dev.long-name")
        var lines = NetworkDeviceLines()
        let first = lines.next(bytes.span)
        let device = try #require(first)
        #expect(device.name == InterfaceName("vnet1"))
        #expect(device.counters.rxBytes == 1)
        #expect(device.counters.rxPackets == 2)
        #expect(device.counters.rxErrors == 3)
        #expect(device.counters.rxDrops == 4)
        #expect(device.counters.multicast == 8)
        #expect(device.counters.txBytes == 9)
        #expect(device.counters.txPackets == 10)
        #expect(device.counters.txErrors == 11)
        #expect(device.counters.txDrops == 12)
        let second = lines.next(bytes.span)
        #expect(second == nil)
        #expect(lines.malformed != nil)
    }

    @Test("names of 15 bytes are told apart and longer ones refused")
    func names() {
        #expect(InterfaceName("abcdefghijklmno") != InterfaceName("bbcdefghijklmno"))
        #expect(InterfaceName("abcdefghijklmno") == InterfaceName("abcdefghijklmno"))
        #expect(InterfaceName("abcdefghijklmnop") == nil)
        #expect(InterfaceName("") == nil)
    }
}
