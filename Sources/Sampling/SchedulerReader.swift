internal import HostReaders
internal import Signals

/// What the scheduler counts of a VM's threads and is too dear to be read in every tick: moves of its vCPUs between host
/// CPUs, and the waits of its emulator and I/O threads.
///
/// The threads are those of the last listing; workers that QEMU starts and ends by itself later on are not followed.
struct SchedulerReader: ~Copyable {
    /// The longest interval in seconds over which a rate is told: ten of the longest ticks.
    static let longest = 10 * Counter.longestInterval
    /// Emulator and I/O threads watched at most.
    static let threadLimit = 32

    private var moves: [MoveReader] = []
    private var waits: [WaitReader] = []
    private var migrations = Reading.missing
    private var delay = Reading.missing
    private var isNew = true
    private var wasDisturbed = false

    /// Lists the threads anew; those that are still there keep their counters.
    mutating func relist(_ threads: QEMUThreads, of process: QEMUProcess, roots: HostRoots) {
        let oldMoves = moves
        let oldWaits = waits
        moves = threads.vcpus.map { vcpu in
            oldMoves.first { $0.thread == vcpu.tid } ?? MoveReader(vcpu.tid, of: process, roots: roots)
        }
        // The main thread and I/O threads before workers.
        let others = (threads.iothreads + threads.emulator).prefix(Self.threadLimit)
        waits = others.map { thread in
            oldWaits.first { $0.thread == thread } ?? WaitReader(thread, of: process, roots: roots)
        }
        isNew = true
    }

    /// Writes the signals of a tick: read anew where it is the VM's turn, else as they were.
    mutating func sample(into frame: inout Frame, _ slot: VMSlot, _ context: inout TickContext) {
        if context.disturbed { wasDisturbed = true }
        if isNew || context.isTurn(of: slot) {
            isNew = false
            let vanished = context.vanished
            var sum = RateSum()
            for reader in moves { reader.add(to: &sum, &context, disturbed: wasDisturbed) }
            migrations = sum.sum
            var mean = RateSum()
            var hasIdle = false
            for reader in waits where !reader.add(to: &mean, &context, disturbed: wasDisturbed) { hasIdle = true }
            delay = mean.mean
            if hasIdle, delay.quality == .notObservable { delay = Reading(0) }
            // A worker that ended is no sign that the VM has.
            context.vanished = vanished
            wasDisturbed = false
        }
        frame[slot, .cpuMigrations] = migrations
        frame[slot, .qemuRunDelay] = delay
        migrations.age()
        delay.age()
    }
}
