import Signals
import Testing
@testable import Traces

@Suite("A damaged trace")
struct DamageTests {
    /// A small trace with two key records, and the frames in it.
    private static let small: (bytes: [UInt8], frames: [Frame], ends: [Int]) = {
        var host = RandomHost(seed: 21, liveliness: 0.01)
        var encoder = TraceEncoder()
        var bytes: [UInt8] = []
        var frames: [Frame] = []
        var ends: [Int] = []
        for tick in 0..<8 {
            host.advance()
            if tick == 4 {
                encoder.skip()
                continue
            }
            frames.append(host.frame)
            encoder.encode(host.frame, into: &bytes)
            ends.append(bytes.count)
        }
        encoder.finish(into: &bytes)
        return (bytes, frames, ends)
    }()

    @Test("Cut at any byte, it gives every whole frame before the cut and says how much was cut")
    func truncation() {
        let (bytes, frames, ends) = Self.small
        for length in 0..<bytes.count {
            let trace = Trace(Array(bytes[..<length]))
            let whole = ends.count { $0 <= length }
            #expect(trace.problems.isEmpty, "cut to \(length)")
            #expect(trace.frames.count == whole, "cut to \(length)")
            if let last = trace.frames.last { #expect(last.difference(from: frames[whole - 1]) == nil) }
            switch trace.ending {
            case .open: #expect(length == 0 || trace.files == 1)
            case .cut(let count): #expect(count > 0 && count <= length)
            case .complete, nil: Issue.record("cut to \(length), and taken for complete")
            }
        }
    }

    @Test("A flip of any byte is noticed, and no frame that is handed out is another one than was recorded")
    func flips() {
        let (bytes, frames, _) = Self.small
        let byTick = Dictionary(uniqueKeysWithValues: frames.map { ($0.tick, $0) })
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= UInt8(truncatingIfNeeded: 1 << (index % 8)) | (index % 3 == 0 ? 0x80 : 0)
            let trace = Trace(damaged)
            #expect(!trace.problems.isEmpty || trace.ending != .complete, "byte \(index)")
            for frame in trace.frames {
                guard let written = byTick[frame.tick] else {
                    Issue.record("byte \(index) made tick \(frame.tick)")
                    continue
                }
                #expect(frame.difference(from: written) == nil, "byte \(index), tick \(frame.tick)")
            }
        }
    }

    @Test("Damage is told at its place, and reading goes on with the next whole frame")
    func resumption() throws {
        let (bytes, frames, ends) = Self.small
        var damaged = bytes
        damaged[ends[1] + 12] ^= 0x10
        let trace = Trace(damaged)
        #expect(trace.problems.map(\.offset) == [ends[1]])
        #expect(trace.frames.map(\.tick) == frames.map(\.tick).filter { $0 <= 2 || $0 >= 6 })
        #expect(trace.ending == .complete)
        #expect("\(try #require(trace.problems.first))" == "at byte \(ends[1]): the checksum of the record is wrong")
    }

    @Test("A length that leads beyond the end is damage where a key record follows, else a cut")
    func length() {
        let (bytes, _, ends) = Self.small
        var damaged = bytes
        damaged[ends[1] + 2] = 0xff
        #expect(Trace(damaged).problems.map(\.offset) == [ends[1]])
        var tail = bytes
        tail[ends[5] + 2] = 0xff
        #expect(Trace(tail).ending == .cut(bytes: bytes.count - ends[5]))
    }

    @Test("A text that is longer than what is left of its record is damage, whatever its own length takes of it")
    func longText() {
        var bytes = TraceFormat.magic
        let start = TraceFormat.open(.header, in: &bytes)
        bytes.append(contentsOf: [2, 1, 1, 0x61, 1])
        TraceFormat.close(start, in: &bytes)
        #expect(Trace(bytes).problems.first?.reason == "the length of a text is 1; 0 bytes are left")
    }

    @Test("Thousands of markers that lead nowhere do not make it search for ever")
    func hostile() {
        var bytes: [UInt8] = []
        TraceHeader().append(to: &bytes)
        bytes.append(0)
        let start = bytes.count - 1
        for _ in 0..<8_000 {
            bytes.append(contentsOf: [TraceFormat.Kind.key.rawValue, 0, 0x80, 0, 0, 1, 2, 3, 4])
            bytes.append(contentsOf: TraceFormat.marker)
        }
        let trace = Trace(bytes)
        #expect(trace.problems.map(\.offset) == [start] && trace.ending == .cut(bytes: bytes.count - start))
    }

    @Test("With the header damaged nothing is read, and with a second file behind it, that one is")
    func header() {
        var damaged = Self.small.bytes
        damaged[30] ^= 1
        let alone = Trace(damaged)
        #expect(alone.frames.isEmpty && alone.problems.count == 1)
        let both = Trace(damaged + Self.small.bytes)
        #expect(both.frames.count == Self.small.frames.count && both.problems.count == 1 && both.ending == .complete)
    }

    @Test("What is no trace, and a trace of a later version, are refused with the reason")
    func foreign() {
        #expect(Trace(Array("version: 1\n".utf8)).problems.first?.reason == "not a trace of Quell: no magic")
        #expect(Trace([]).ending == .open)
        #expect(Trace(Self.small.bytes + [1, 2, 3]).problems.first?.reason == "bytes behind the end")
        var later: [UInt8] = TraceFormat.magic
        let start = TraceFormat.open(.header, in: &later)
        later.append(contentsOf: [3, 0, 0])
        TraceFormat.close(start, in: &later)
        #expect(Trace(later).problems.first?.reason == "version 3 of the format; 2 is accepted")
    }

    @Test("A signal that this Quell does not know is skipped, and one that the trace lacks is not observable")
    func otherSignals() throws {
        var bytes: [UInt8] = []
        var header = TraceHeader()
        header.signals = ["cpu.usage", "from.the_future", "host.run_queue"]
        header.append(to: &bytes)
        #expect(header.unknown == ["from.the_future"])
        let start = TraceFormat.open(.key, in: &bytes)
        bytes.append(contentsOf: TraceFormat.marker)
        bytes.append(contentsOf: [5, 100])
        bytes.appendDouble(0)
        bytes.append(contentsOf: [0, 3, 8, 1, 1, 1])
        VMRecord(identity: VMIdentity(uuid: VMUUID(high: 1, low: 2), generation: 3), name: "a").append(to: &bytes)
        bytes.append(0)
        for (row, column, value) in [(1, 3, 4.0), (1, 1, 0.5)] {
            var cell = TraceCell()
            bytes.append(contentsOf: [UInt8(row), UInt8(column)])
            cell.write(Reading(value), to: &bytes)
            if row == 1, column == 1 {
                bytes.append(1)
                var unknown = TraceCell()
                unknown.write(Reading(9), to: &bytes)
            }
            bytes.append(0)
        }
        bytes.append(0)
        TraceFormat.close(start, in: &bytes)
        let trace = Trace(bytes)
        #expect(trace.problems.isEmpty)
        let frame = try #require(trace.frames.first)
        #expect(frame.tick == 5 && frame.hostCPUs == 8)
        #expect(frame[host: .hostRunQueue] == Reading(4) && frame[host: .agentCPU] == .notObservable)
        #expect(frame[VMSlot(0), .cpuUsage] == Reading(0.5) && frame[VMSlot(0), .memRSS] == .notObservable)
    }
}
