internal import HostReaders
internal import Signals

/// The counters of one VM while it is watched, and what they said last.
final class PerfVM {
    /// One CPU's group of counters.
    private final class CPU {
        let group: PerfEventGroup
        var last: PerfReadout?

        /// Takes over a group that counts.
        init(_ group: consuming PerfEventGroup) {
            self.group = group
        }
    }

    /// Seconds after which what was read of a VM that is not watched is not told any longer.
    static let lifetime = 300.0

    /// Who it is.
    let identity: VMIdentity
    /// Its process.
    let pid: Int32
    /// The cgroup that its events are counted by; `nil` where it has none of its own.
    var directory: String?

    private var cpus: [CPU] = []
    private var readTime: MonotonicTime?
    private var disturbed = false
    private var cyclesPerInstruction = Reading.missing
    private var missRate = Reading.missing
    private var told: MonotonicTime?

    /// A VM that is not watched yet.
    init(_ vm: WatchedVM) {
        identity = vm.description.record.identity
        pid = vm.description.pid
        directory = vm.cgroups.perfEvent
    }

    /// Whether it is being counted.
    var isOpen: Bool { !cpus.isEmpty }

    /// Begins to count.
    ///
    /// - Parameters:
    ///   - events: What to count.
    ///   - online: The CPUs to count on; those that are offline are passed over.
    /// - Throws: Why it cannot be counted; nothing stays open then.
    func open(_ events: PerfEvents, on online: [Int32]) throws(PerfProblem) {
        guard let directory else { throw .noGroup }
        let cgroup = try CgroupHandle(directory)
        var opened: [CPU] = []
        for cpu in online {
            do {
                opened.append(CPU(try PerfEventGroup(events, of: cgroup, on: cpu)))
            } catch {
                if error == .offline { continue }
                // A cgroup that is just being removed looks like a CPU without counters.
                throw error == .noCounters && !HostDirectory.exists(directory) ? .noGroup : error
            }
        }
        if opened.isEmpty { throw .noCounters }
        cpus = opened
        readTime = nil
    }

    /// Stops counting; what was read last is told as stale for a while.
    func close() {
        cpus = []
    }

    /// Notes whether it was paused in a tick.
    func note(disturbed: Bool) {
        self.disturbed = self.disturbed || disturbed
    }

    /// Reads all its counters, or tells what is known where it is not watched.
    func sample(into frame: inout Frame, _ slot: VMSlot, _ context: inout TickContext) {
        if isOpen {
            let sum = read(&context.buffer)
            let seconds = readTime.map { context.time.seconds(since: $0) } ?? 0
            readTime = context.time
            let misses = sum?.missRate(over: seconds) ?? .missing
            take(sum?.cyclesPerInstruction(over: seconds) ?? .missing, misses, context)
        } else if let told, context.time.seconds(since: told) > Self.lifetime {
            cyclesPerInstruction = .missing
            missRate = .missing
        }
        frame[slot, .perfCPI] = cyclesPerInstruction
        frame[slot, .perfLLCMissRate] = missRate
        cyclesPerInstruction = Self.aged(cyclesPerInstruction)
        missRate = Self.aged(missRate)
    }

    /// What was counted since the last read; `nil` where a group could not be read.
    private func read(_ buffer: inout ReadBuffer) -> PerfSum? {
        var sum = PerfSum()
        for cpu in cpus {
            guard case .bytes(let count) = cpu.group.read(into: &buffer),
                let now = try? PerfReadout(buffer.storage.span.extracting(first: count))
            else { return nil }
            sum.add(from: cpu.last, to: now)
            cpu.last = now
        }
        return sum
    }

    /// Takes over what was read.
    private func take(_ cyclesPerInstruction: Reading, _ missRate: Reading, _ context: borrowing TickContext) {
        let isFirst = missRate.quality == .missing
        self.cyclesPerInstruction = disturbed && !isFirst ? Reading(0, .reset) : cyclesPerInstruction
        self.missRate = disturbed && !isFirst ? Reading(0, .reset) : missRate
        told = context.time
        disturbed = false
    }

    /// What a reading is worth in the next tick.
    private static func aged(_ reading: Reading) -> Reading {
        switch reading.quality {
        case .ok, .stale: Reading(reading.value, .stale)
        case .reset, .missing: .missing
        case .notObservable: reading
        }
    }
}
