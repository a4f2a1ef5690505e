import Foundation
import HostReaders
import Testing

@Suite("Performance counters as the kernel writes them")
struct PerfReadoutTests {
    /// Words as the kernel writes them on a little-endian host.
    private func bytes(_ words: [UInt64]) -> [UInt8] {
        words.flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word.littleEndian >> UInt64(8 * $0)) }
        }
    }

    @Test("a group of three with its times is read")
    func group() throws {
        let read = try PerfReadout(bytes([3, 1_000, 400, 11, UInt64.max, 1 << 40]).span)
        #expect(read == PerfReadout(enabled: 1_000, running: 400, counts: [11, .max, 1 << 40]))
    }

    @Test("a group of another size, a cut one, a longer one and an end of file are malformed")
    func malformed() {
        let wrong: [[UInt64]] = [
            [], [3], [2, 1, 1, 5, 6, 7], [3, 1, 1, 5, 6], [3, 1, 1, 5, 6, 7, 8], [0, 0, 0, 0, 0, 0],
        ]
        for words in wrong {
            #expect(throws: Malformed.self) { try PerfReadout(bytes(words).span) }
        }
        let cut = Array(bytes([3, 1, 1, 5, 6, 7]).dropLast())
        #expect(throws: Malformed.self) { try PerfReadout(cut.span) }
    }

    @Test("CPU lists are read, and lists that make no sense are refused")
    func cpus() {
        #expect(attempt("0\n", CPUList.init)?.cpus == [0])
        #expect(attempt("0-3,8,10-11\n", CPUList.init)?.cpus == [0, 1, 2, 3, 8, 10, 11])
        #expect(attempt("\n", CPUList.init)?.cpus == [])
        for text in ["", "0", "0-", "3-1\n", "0,,1\n", "a\n", "0-9999999\n", "0-3", "0 1\n", "8192\n", ",\n"] {
            #expect(attempt(text, CPUList.init)?.cpus == nil, "\(text)")
        }
    }

    @Test("a directory that is not there or is no cgroup is no group, whatever the host can count")
    func noGroup() throws {
        #expect(throws: PerfProblem.noGroup) { _ = try CgroupHandle("/none") }
        let scratch = try Scratch()
        let directory = try CgroupHandle(scratch.path)
        do {
            _ = try PerfEventGroup(.software, of: directory, on: 0)
            Issue.record("opened")
        } catch {
            #expect([.noGroup, .denied].contains(error), "\(error)")
        }
    }

    @Test("problems say whose they are")
    func problems() {
        for problem: PerfProblem in [.noCounters, .noPerf, .denied] { #expect(problem.isOfHost) }
        for problem: PerfProblem in [.offline, .exhausted(24), .noGroup, .failed(22)] { #expect(!problem.isOfHost) }
        let all: [PerfProblem] = [.noCounters, .noPerf, .denied, .offline, .exhausted(24), .noGroup, .failed(22)]
        #expect(Set(all.map(\.description)).count == all.count)
    }

    @Test("counters are there where sysfs names the CPU's event source")
    func counters() throws {
        let scratch = try Scratch()
        #expect(!PerfEvents.hasCounters(scratch.roots))
        try scratch.write("sys/bus/event_source/devices/software/type", "1\n")
        #expect(!PerfEvents.hasCounters(scratch.roots))
        try scratch.write("sys/bus/event_source/devices/cpu/type", "4\n")
        #expect(PerfEvents.hasCounters(scratch.roots))
    }
}
