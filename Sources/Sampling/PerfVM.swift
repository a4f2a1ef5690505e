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
    var directory: String? {
        didSet { probe = directory.map { PathProbe($0) } }
    }

    private var probe: PathProbe?
    private var cpus: [CPU] = []
    /// CPUs of the list that were opened or passed over; `nil` while it is not to be counted.
    private var progress: Int?
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
        probe = directory.map { PathProbe($0) }
    }

    /// Whether it is being counted on all CPUs.
    private(set) var isOpen = false

    /// Whether its cgroup is gone although it is to be counted by it.
    var isLost: Bool { progress != nil && probe?.exists == false }

    /// Begins to count, or goes on beginning, on some CPUs more.
    ///
    /// - Parameters:
    ///   - events: What to count.
    ///   - online: The CPUs to count on, the same at each call; those that are offline are passed over.
    ///   - most: On how many CPUs more.
    /// - Throws: Why it cannot be counted; nothing stays open then.
    func open(_ events: PerfEvents, on online: [Int32], most: Int) throws(PerfProblem) {
        guard !isOpen else { return }
        let start = progress ?? 0
        let end = min(online.count, start + most)
        do throws(PerfProblem) {
            try open(events, on: online[start..<end])
            if end == online.count, cpus.isEmpty { throw .noCounters }
        } catch {
            close()
            // A cgroup that is just being removed looks like a CPU without counters.
            throw error == .noCounters && probe?.exists == false ? .noGroup : error
        }
        progress = end
        isOpen = end == online.count
        readTime = nil
    }

    /// Begins to count on these CPUs.
    private func open(_ events: PerfEvents, on online: ArraySlice<Int32>) throws(PerfProblem) {
        guard let directory else { throw .noGroup }
        let cgroup = try CgroupHandle(directory)
        for cpu in online {
            do throws(PerfProblem) {
                cpus.append(CPU(try PerfEventGroup(events, of: cgroup, on: cpu)))
            } catch {
                guard error == .offline else { throw error }
            }
        }
    }

    /// Stops counting; what was read last is told as stale for a while.
    func close() {
        cpus = []
        progress = nil
        isOpen = false
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
