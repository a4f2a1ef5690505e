import Signals
import Testing
@testable import Traces

@Suite("A trace, written and read back")
struct RoundTripTests {
    @Test("Frames read back equal the frames recorded, bit for bit", arguments: 0..<12 as Range<UInt64>)
    func bitExact(seed: UInt64) throws {
        var host = RandomHost(seed: seed, liveliness: [0, 0.02, 0.3, 1][Int(seed % 4)])
        var encoder = TraceEncoder(facts: [.init("host", "h")])
        var bytes: [UInt8] = []
        var frames: [Frame] = []
        for _ in 0..<90 {
            host.advance()
            frames.append(host.frame)
            encoder.encode(host.frame, into: &bytes)
        }
        encoder.finish(into: &bytes)
        let trace = Trace(bytes)
        #expect(trace.problems.isEmpty && trace.ending == .complete && trace.files == 1)
        #expect(trace.headers.first?["host"] == "h")
        try #require(trace.frames.count == frames.count)
        for (read, written) in zip(trace.frames, frames) { #expect(read.difference(from: written) == nil) }
    }

    @Test("A value needs no more bytes than differ from the last one, and zero needs none")
    func cells() throws {
        let values: [(Double, Int)] = [(0, 1), (1, 3), (1, 1), (0, 1), (1, 1), (-1, 2), (.pi, 9)]
        var writer = TraceCell()
        var reader = TraceCell()
        for (value, length) in values {
            var bytes: [UInt8] = []
            writer.write(Reading(value, .stale), to: &bytes)
            #expect(bytes.count == length, "\(value)")
            var cursor = TraceCursor(bytes, bytes.indices)
            try reader.read(&cursor)
            #expect(cursor.left == 0 && reader == writer && reader.matches(Reading(value, .stale)))
        }
    }

    @Test("Every shape of a value has its own number")
    func shapes() {
        #expect(TraceCell.parts.count == 37)
        for (index, part) in TraceCell.parts.enumerated() where index > 0 {
            #expect(Int(TraceCell.shape(count: part.count, low: part.low)) == index)
        }
    }

    @Test("A frame that was left out is counted, and the next one is whole")
    func skipped() throws {
        var host = RandomHost(seed: 5)
        var encoder = TraceEncoder()
        var bytes: [UInt8] = []
        for tick in 0..<30 {
            host.advance()
            if tick == 10 || tick == 11 { encoder.skip() } else { encoder.encode(host.frame, into: &bytes) }
        }
        let trace = Trace(bytes)
        #expect(trace.frames.map(\.tick) == (1...10).map { $0 } + (13...30).map { $0 })
        #expect(trace.lost == 2 && trace.problems.isEmpty && trace.ending == .open)
        #expect(trace.frames.last?.difference(from: host.frame) == nil)
    }

    @Test("A VM that is not wanted is not in the trace, and its row reads as free")
    func filtered() throws {
        var host = RandomHost(seed: 8)
        var encoder = TraceEncoder { $0.workloadClass == "latency" }
        var bytes: [UInt8] = []
        var live: [Frame] = []
        for _ in 0..<40 {
            host.advance()
            live.append(host.frame)
            encoder.encode(host.frame, into: &bytes)
        }
        let trace = Trace(bytes)
        try #require(trace.frames.count == live.count)
        for (frame, written) in zip(trace.frames, live) {
            try #require(frame.capacity == written.capacity)
            for row in 0..<frame.capacity {
                let record = written.records[row]
                let isWanted = record?.workloadClass == "latency"
                #expect((frame.records[row] != nil) == isWanted)
                if !isWanted { #expect(Signal.allCases.allSatisfy { frame[VMSlot(row), $0] == .missing }) }
                if isWanted, let record { #expect(frame.records[row]?.isSame(as: record) == true) }
            }
        }
    }

    @Test("Lease events come back in their place", arguments: Events.all)
    func events(event: LeaseEvent) throws {
        var host = RandomHost(seed: 3)
        var encoder = TraceEncoder()
        var bytes: [UInt8] = []
        encoder.encode(event, at: MonotonicTime(seconds: 1), into: &bytes)
        #expect(bytes.isEmpty, "before the first frame there is nobody to tell it of")
        host.advance()
        encoder.encode(host.frame, into: &bytes)
        encoder.encode(event, at: MonotonicTime(nanoseconds: 77), into: &bytes)
        host.advance()
        encoder.encode(host.frame, into: &bytes)
        var reader = TraceReader(bytes)
        var items: [TraceReader.Item] = []
        while let item = try reader.next() { items.append(item) }
        #expect(Array(items.dropFirst()) == [.frame, .event(event, at: MonotonicTime(nanoseconds: 77)), .frame])
    }

    @Test("No file is longer than its limit, each begins with a whole frame, and nothing is lost between them")
    func rotation() throws {
        var host = RandomHost(seed: 11, liveliness: 1)
        var encoder = TraceEncoder(fileLimit: 1)
        #expect(encoder.fileLimit == TraceFormat.smallestFile)
        var bytes: [UInt8] = []
        var frames: [Frame] = []
        while bytes.count < 5 * TraceFormat.smallestFile / 2 {
            host.advance()
            frames.append(host.frame)
            encoder.encode(host.frame, into: &bytes)
            encoder.encode(Events.all[0], at: host.frame.time, into: &bytes)
        }
        encoder.finish(into: &bytes)
        let starts = bytes.indices.filter { bytes[$0...].starts(with: TraceFormat.magic) }
        try #require(starts.count >= 3)
        for (start, end) in zip(starts, starts.dropFirst() + [bytes.count]) {
            #expect(end - start <= TraceFormat.smallestFile)
            let alone = Trace(Array(bytes[start..<end]))
            #expect(alone.problems.isEmpty && alone.ending == .complete && !alone.frames.isEmpty)
        }
        let trace = Trace(bytes)
        #expect(trace.files == starts.count && trace.events == frames.count && trace.problems.isEmpty)
        try #require(trace.frames.count == frames.count)
        for (read, written) in zip(trace.frames, frames) { #expect(read.difference(from: written) == nil) }
    }

    @Test("A reading that stays costs nothing: a quiet host's tick is the same few bytes whatever the number of VMs")
    func quiet() {
        var frame = Frame(hostCPUs: 8)
        for index in 0..<100 {
            let identity = VMIdentity(uuid: VMUUID(high: 1, low: UInt64(index)), generation: 1)
            _ = frame.place(VMRecord(identity: identity, name: "\(index)"))
        }
        var encoder = TraceEncoder()
        var bytes: [UInt8] = []
        var last = 0
        for second in 1...5 {
            frame.begin(at: MonotonicTime(seconds: Double(second)))
            for row in 0..<100 { frame[VMSlot(row), .cpuUsage] = Reading(Double(row)) }
            last = bytes.count
            encoder.encode(frame, into: &bytes)
        }
        #expect(bytes.count - last == TraceFormat.headLength + 4)
    }
}

/// One event of each kind.
enum Events {
    static let all: [LeaseEvent] = {
        let vm = VMIdentity(uuid: VMUUID(high: 1, low: 2), generation: 3)
        let order = HoldOrder(
            vm: vm,
            name: "noisy",
            vcpus: 8,
            contention: .disk,
            step: .throttle(0.1 + 0.2),
            term: 60,
            rule: "steal",
            victim: VMIdentity(uuid: VMUUID(high: 4, low: .max), generation: .max),
            victimName: "hurt"
        )
        var whole = order
        whole.step = .quarantine
        whole.use.diskBytes = 1e9
        whole.use.usable = -0.0
        whole.quarantine = QuarantinePlan(cpus: CPUSet([0, 2, 3]), links: .antiSpoof, share: 0.25)
        whole.allowsMemoryHigh = true
        whole.origin = .person
        whole.victim = nil
        return [
            .granted(order, lease: 7, changes: ["disk:vda none → 1 MiB/s", ""]),
            .adjusted(whole, lease: .max, changes: []), .wouldHold(order),
            .wouldRelease(order.key, name: "noisy", .calm), .released(order.key, name: "", lease: 7, .noEffect),
            .handedOver(order.key, name: "noisy", lease: 0, found: "100000/50000"),
            .failed(order.key, name: "noisy", "no"),
        ]
    }()
}

/// Everything that is in a trace.
struct Trace {
    var frames: [Frame] = []
    var files = 0
    var headers: [TraceHeader] = []
    var events = 0
    var problems: [TraceProblem] = []
    var ending: TraceReader.Ending?
    var lost: UInt64 = 0

    /// Reads it all, over every problem.
    init(_ bytes: [UInt8]) {
        var reader = TraceReader(bytes)
        while true {
            do throws(TraceProblem) {
                guard let item = try reader.next() else { break }
                switch item {
                case .file(let header):
                    files += 1
                    headers.append(header)
                case .frame: frames.append(reader.frame)
                case .event: events += 1
                case .circumstances: break
                }
            } catch {
                problems.append(error)
            }
        }
        ending = reader.ending
        lost = reader.lost
    }
}
