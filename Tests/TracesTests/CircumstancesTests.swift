import Signals
import Testing

@testable import Traces

@Suite("The hour and the kill switch in a trace")
struct CircumstancesTests {
    private static let hour = TraceCircumstances(wallAtBoot: 1_796_083_200_000_000_000)

    /// What a trace says of them, with the number of frames before each.
    private func told(_ bytes: [UInt8]) throws -> [(frames: Int, circumstances: TraceCircumstances)] {
        var reader = TraceReader(bytes)
        var frames = 0
        var told: [(Int, TraceCircumstances)] = []
        while let item = try reader.next() {
            switch item {
            case .frame: frames += 1
            case .circumstances(let circumstances): told.append((frames, circumstances))
            case .file, .event: break
            }
        }
        return told
    }

    @Test("They are told before the frame that follows, and again only where they change")
    func changes() throws {
        var host = RandomHost(seed: 1)
        var encoder = TraceEncoder()
        var bytes: [UInt8] = []
        let disarmed = TraceCircumstances(wallAtBoot: -5, isDisarmed: true)
        for circumstances in [
            Self.hour, Self.hour, disarmed, TraceCircumstances(), TraceCircumstances(isDisarmed: true),
        ] {
            host.advance()
            encoder.note(circumstances)
            encoder.encode(host.frame, into: &bytes)
        }
        let told = try told(bytes)
        #expect(told.map(\.frames) == [0, 2, 3, 4])
        let expected = [Self.hour, disarmed, TraceCircumstances(), TraceCircumstances(isDisarmed: true)]
        #expect(told.map(\.circumstances) == expected)
    }

    @Test("Nothing is written while nothing is known")
    func unknown() throws {
        var host = RandomHost(seed: 1)
        var encoder = TraceEncoder()
        var bytes: [UInt8] = []
        for _ in 0..<3 {
            host.advance()
            encoder.note(TraceCircumstances())
            encoder.encode(host.frame, into: &bytes)
        }
        #expect(try told(bytes).isEmpty)
    }

    @Test("Each file says it anew")
    func files() throws {
        var host = RandomHost(seed: 11, liveliness: 1)
        var encoder = TraceEncoder(fileLimit: 1)
        encoder.note(Self.hour)
        var bytes: [UInt8] = []
        while bytes.count < 5 * TraceFormat.smallestFile / 2 {
            host.advance()
            encoder.encode(host.frame, into: &bytes)
            encoder.encode(Events.all[0], at: host.frame.time, into: &bytes)
        }
        encoder.finish(into: &bytes)
        let starts = bytes.indices.filter { bytes[$0...].starts(with: TraceFormat.magic) }
        try #require(starts.count >= 3)
        #expect(try told(bytes).map(\.circumstances) == starts.map { _ in Self.hour })
        var splitter = TraceSplitter()
        splitter.take(bytes)
        var others = 0
        while let piece = try splitter.next() { if case .other(_, isEnd: false) = piece { others += 1 } }
        #expect(others == starts.count + Trace(bytes).events)
    }

    @Test("Flags that are not known and bytes behind are damage, and reading goes on")
    func damage() throws {
        for payload in [[4], [0, 0], [1], [255]] as [[UInt8]] {
            var host = RandomHost(seed: 1)
            var encoder = TraceEncoder()
            var bytes: [UInt8] = []
            host.advance()
            encoder.encode(host.frame, into: &bytes)
            let start = TraceFormat.open(.circumstances, in: &bytes)
            bytes.append(contentsOf: payload)
            TraceFormat.close(start, in: &bytes)
            encoder.skip()
            host.advance()
            encoder.encode(host.frame, into: &bytes)
            let trace = Trace(bytes)
            #expect(trace.problems.count == 1 && trace.frames.count == 2, "\(payload)")
        }
    }
}
