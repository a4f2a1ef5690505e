internal import Signals
internal import Traces

extension FuzzParser {
    /// The reader of traces: on bytes as they are, and with each record's checksum put right, so that what was damaged is
    /// read nonetheless.
    static let traces: [FuzzParser] = [
        FuzzParser("trace", seeds: [trace], isBinary: true, weight: 20, longest: 1 << 15, feed: feedTrace),
        FuzzParser("trace-record", seeds: [trace], isBinary: true, weight: 20, longest: 1 << 15) {
            feedTrace(mended($0))
        },
    ]

    /// Kept promises: reading ends, each problem is within the bytes, and a frame's rows agree with its VMs.
    @Sendable
    private static func feedTrace(_ bytes: [UInt8]) -> FuzzOutcome {
        var reader = TraceReader(bytes)
        var steps = 0
        var frames = 0
        var isWhole = true
        while true {
            steps += 1
            if steps > bytes.count + 2 { return .broken("it reads on after \(steps) steps") }
            do throws(TraceProblem) {
                guard let item = try reader.next() else { break }
                guard item == .frame else { continue }
                frames += 1
                let frame = reader.frame
                for (row, record) in frame.records.enumerated() {
                    guard let record else { continue }
                    guard let slot = frame.slot(of: record.identity), slot.index < frame.capacity, record.vcpus > 0
                    else {
                        return .broken("the VM of row \(row) has no row")
                    }
                }
            } catch {
                isWhole = false
                guard (0...bytes.count).contains(error.offset) else { return .broken("no place: \(error)") }
            }
        }
        guard reader.ending != nil else { return .broken("it ends without saying how") }
        return frames > 0 && isWhole && reader.ending == .complete ? .taken : .refused
    }

    /// Puts the right checksum into each record that can be found.
    private static func mended(_ damaged: [UInt8]) -> [UInt8] {
        var bytes = damaged
        var offset = 0
        while offset < bytes.count {
            if bytes[offset] == TraceFormat.magic[0] { offset += TraceFormat.magic.count }
            guard offset + 9 <= bytes.count else { break }
            let length = (1...4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * ($1 - 1)) }
            let end = offset + 9 + length
            guard end <= bytes.count else { break }
            let head = CRC32C.extend(0, with: bytes, in: offset..<offset + 5)
            let sum = CRC32C.extend(head, with: bytes, in: offset + 9..<end)
            for index in 0..<4 { bytes[offset + 5 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index)) }
            offset = end
        }
        return bytes
    }

    /// A trace of two VMs, one of which goes, with an event and a frame that was left out.
    private static let trace: [UInt8] = {
        var frame = Frame(hostCPUs: 8)
        let vm = VMIdentity(uuid: VMUUID(high: 1, low: 2), generation: 3)
        let other = VMIdentity(uuid: VMUUID(high: 1, low: 3), generation: 900)
        let row = frame.place(VMRecord(identity: vm, name: "web-1", tenant: .known("shop"), vcpus: 2))
        let second = frame.place(VMRecord(identity: other, name: "db-1", tenant: .conflicting(["a", "b"])))
        var encoder = TraceEncoder(facts: [.init("host", "h")])
        var bytes: [UInt8] = []
        for tick in 1...6 {
            frame.begin(at: MonotonicTime(seconds: Double(tick) * 1.001))
            frame[row, .cpuUsage] = Reading(Double(tick) / 3)
            frame[host: .hostRunQueue] = Reading(Double(tick), .stale)
            if tick == 3 { frame.remove(second) }
            if tick == 2 { encoder.note(TraceCircumstances(wallAtBoot: 1_796_083_200_000_000_000)) }
            if tick == 5 { encoder.skip() } else { encoder.encode(frame, into: &bytes) }
            encoder.encode(.released(HoldKey(vm, .cpu), name: "web-1", lease: 1, .calm), at: frame.time, into: &bytes)
        }
        encoder.finish(into: &bytes)
        return bytes
    }()
}
