internal import HostReaders
internal import Signals

/// What a VM did in an interval by the counters of all CPUs.
///
/// Where more events are wanted than the hardware has counters, the kernel lets groups count in turns. Each CPU's group
/// is scaled by its own times, enabled over running, before anything is added up: CPUs are shared unevenly.
struct PerfSum {
    /// The least share of its time on CPUs that must have been counted.
    static let leastShare = 0.1
    /// The least CPU time in cores from which cycles per instruction are told: below it start-up and wake-ups of the VM
    /// are most of what is seen (CPI², EuroSys'13, section 4.1).
    static let leastCores = 0.25
    /// The fewest instructions in an interval from which they are told.
    static let leastInstructions = 1e6

    private var cycles = 0.0
    private var instructions = 0.0
    private var misses = 0.0
    /// Seconds on CPUs.
    private var enabled = 0.0
    /// The part of them on CPUs whose group counted at all.
    private var covered = 0.0
    private var running = 0.0
    private var hasReset = false
    private var isFirst = false

    /// Adds what one CPU's group counted between two readouts.
    ///
    /// - Parameters:
    ///   - old: The readout before; `nil` for the first.
    ///   - new: The readout now.
    mutating func add(from old: PerfReadout?, to new: PerfReadout) {
        guard let old else {
            isFirst = true
            return
        }
        guard new.enabled >= old.enabled, new.running >= old.running, new.counts[0] >= old.counts[0],
            new.counts[1] >= old.counts[1], new.counts[2] >= old.counts[2]
        else {
            hasReset = true
            return
        }
        let wanted = Double(new.enabled - old.enabled)
        let counted = Double(new.running - old.running)
        enabled += wanted * 1e-9
        guard counted > 0 else { return }
        let scale = max(1, wanted / counted)
        covered += wanted * 1e-9
        running += counted * 1e-9
        cycles += Double(new.counts[0] - old.counts[0]) * scale
        instructions += Double(new.counts[1] - old.counts[1]) * scale
        misses += Double(new.counts[2] - old.counts[2]) * scale
    }

    /// Cycles per instruction; missing where too little was done or counted to tell.
    ///
    /// - Parameter seconds: The interval.
    /// - Returns: The reading.
    func cyclesPerInstruction(over seconds: Double) -> Reading {
        guard let problem = problem(seconds) else {
            let isEnough = enabled >= Self.leastCores * seconds && instructions >= Self.leastInstructions
            return isEnough ? Reading(cycles / instructions) : .missing
        }
        return problem
    }

    /// Misses of the last-level cache; zero where the VM did not run.
    ///
    /// - Parameter seconds: The interval.
    /// - Returns: The reading a second.
    func missRate(over seconds: Double) -> Reading {
        problem(seconds) ?? Reading(misses / seconds)
    }

    /// Why nothing can be told of the interval.
    private func problem(_ seconds: Double) -> Reading? {
        if isFirst { return .missing }
        if hasReset || seconds <= 0 || seconds > Counter.longestInterval { return Reading(0, .reset) }
        let isSparse = covered < 0.9 * enabled || running < Self.leastShare * enabled
        return isSparse ? .missing : nil
    }
}
