public import HostReaders
public import Signals

/// Reads the kernel's counters of every VM and of the host once a tick and keeps them in a ``Frame``.
///
/// Not thread-safe: one actor owns it. Descriptors stay open and one buffer serves all files, so that a tick in which no
/// VM comes, goes or changes its threads allocates nothing; that holds as long as nobody keeps a copy of the frame from
/// one tick to the next. It opens about 14 descriptors for a VM, 3 for each of its vCPUs and 1 for each other thread.
public final class HostSampler {
    /// What every VM used and suffered in the latest tick.
    public private(set) var frame: Frame
    /// VMs whose process was found gone in the latest tick, told again at each tick until they are removed.
    public private(set) var vanished: [VMIdentity] = []

    private let roots: HostRoots
    private var host: HostReader
    private var context = TickContext()
    private var hostSide = SideBoard()
    private var readers: [VMReader?] = []
    /// What is read for many VMs at once.
    private let sources: [any SharedSource]
    private let kernelLog: KernelLogSource

    /// A sampler without VMs.
    ///
    /// - Parameters:
    ///   - roots: Where the kernel's files are.
    ///   - hostCPUs: CPUs online on the host.
    ///   - calmEvery: Ticks between two readings of what is dear (the kinds of memory, throttling, storage) of a VM of
    ///     which it does not stir, which the detectors know for its pace. 1 reads everything in every tick.
    public init(roots: HostRoots = HostRoots(), hostCPUs: Int, calmEvery: Int = 8) {
        context.calmEvery = UInt64(max(1, calmEvery))
        self.roots = roots
        frame = Frame(hostCPUs: hostCPUs)
        host = HostReader(roots: roots, units: KernelUnits())
        kernelLog = KernelLogSource(roots: roots)
        sources = [
            NetworkSource(roots: roots),
            kernelLog,
            PCIErrorSource(roots: roots),
            ResctrlSource(roots: roots),
            PerfSource(roots: roots),
        ]
    }

    /// Files that could not be read or understood.
    public var faults: FaultLog { context.faults }

    /// What the kernel logged and Quell could not read, since the start.
    public var logLoss: LogLoss { kernelLog.loss }

    /// Begins to watch a VM; one that is watched already is updated.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: Its row in the frame.
    @discardableResult
    public func add(_ vm: VMDescription) -> VMSlot {
        if let slot = frame.slot(of: vm.record.identity) {
            update(vm)
            return slot
        }
        let slot = frame.place(vm.record)
        let reader = VMReader(vm.process, mounts: MountTable(roots: roots), roots: roots)
        reader.wasPaused = !vm.record.running
        if slot.index < readers.count {
            readers[slot.index] = reader
        } else {
            readers.append(reader)
        }
        watch(vm, reader, in: slot)
        return slot
    }

    /// Stops watching a VM and frees its row.
    ///
    /// - Parameter identity: The VM; one that is not watched is passed over.
    public func remove(_ identity: VMIdentity) {
        guard let slot = frame.slot(of: identity) else { return }
        for source in sources { source.unwatch(slot) }
        readers[slot.index] = nil
        frame.remove(slot)
        vanished.removeAll { $0 == identity }
    }

    /// Takes over what has changed of a VM: its record, its interfaces and, with them, its threads.
    ///
    /// - Parameter vm: The VM; one that is not watched is passed over.
    public func update(_ vm: VMDescription) {
        guard let slot = frame.slot(of: vm.record.identity), let reader = readers[slot.index] else { return }
        update(vm.record)
        reader.relist()
        watch(vm, reader, in: slot)
    }

    /// Takes over what has changed of a VM beside its counters, such as whether it runs or is held.
    ///
    /// - Parameter record: What is known now; of a VM that is not watched it is passed over.
    public func update(_ record: VMRecord) {
        guard let slot = frame.slot(of: record.identity) else { return }
        frame[record: slot] = record
        if !record.running { readers[slot.index]?.wasPaused = true }
    }

    /// Has everything of a VM read in the next ticks, as while a rule fires on it.
    ///
    /// - Parameter slot: Its row in the frame.
    public func attend(_ slot: VMSlot) {
        if slot.index < readers.count { readers[slot.index]?.attendedUntil = context.tick &+ 2 }
    }

    /// Takes an answer of libvirt's, to be told in the next tick.
    ///
    /// - Parameter answer: The answer; of a VM that is not watched it is passed over.
    public func take(_ answer: SlowReadings) {
        guard let slot = frame.slot(of: answer.identity), let reader = readers[slot.index] else { return }
        reader.slow.take(answer, disturbed: frame[record: slot]?.running == false)
    }

    /// Why some cgroups of a VM are not used, for `quell doctor` and the journal.
    ///
    /// - Parameter identity: The VM.
    /// - Returns: The problems; empty where there are none or the VM is not watched.
    public func problems(of identity: VMIdentity) -> [CgroupProblem] {
        frame.slot(of: identity).flatMap { readers[$0.index]?.problems } ?? []
    }

    /// Takes what was read outside of the tick, to be told in the next one.
    ///
    /// - Parameters:
    ///   - batch: The readings; those of VMs that are not watched are passed over.
    ///   - time: When they were read.
    public func take(_ batch: SideBatch, at time: MonotonicTime) {
        hostSide.take(batch.host, at: time, lifetime: batch.lifetime)
        for (identity, entries) in batch.vms {
            guard let slot = frame.slot(of: identity) else { continue }
            readers[slot.index]?.side.take(entries, at: time, lifetime: batch.lifetime)
        }
    }

    /// Gives up what is worth least for its cost, the CPU's performance counters, or takes them up again.
    ///
    /// - Parameter isUnderLoad: Whether ticks come late or cost more than they may.
    public func shed(_ isUnderLoad: Bool) {
        for source in sources { source.shed(isUnderLoad) }
    }

    /// Reads all counters into the frame.
    ///
    /// - Parameters:
    ///   - time: The present; the rates are over the time since the tick before.
    ///   - lag: Seconds by which the tick began late, where that is known.
    public func tick(at time: MonotonicTime, lag: Double? = nil) {
        context.previous = frame.time
        frame.begin(at: time)
        context.time = time
        context.tick = frame.tick
        vanished.removeAll(keepingCapacity: true)
        context.disturbances.removeAll(keepingCapacity: true)
        for index in readers.indices {
            let isRunning = frame.isRunning(VMSlot(index)) ?? true
            context.disturbances.append(readers[index]?.wasPaused == true || !isRunning)
        }
        host.sample(into: &frame, &context, lag: lag)
        hostSide.write(intoHostOf: &frame, since: context.previous)
        for source in sources { source.sample(into: &frame, &context) }
        for index in readers.indices {
            guard let reader = readers[index], let isRunning = frame.isRunning(VMSlot(index)) else { continue }
            context.disturbed = context.disturbances[index]
            context.isAttended = context.tick <= reader.attendedUntil
            reader.sample(into: &frame, VMSlot(index), &context)
            reader.wasPaused = !isRunning
            if let threads = reader.takeListed() {
                for source in sources { source.list(threads, of: VMSlot(index)) }
            }
            if reader.isGone, let record = frame[record: VMSlot(index)] { vanished.append(record.identity) }
        }
    }

    /// Tells the shared sources of a VM.
    private func watch(_ vm: VMDescription, _ reader: VMReader, in slot: VMSlot) {
        let watched = WatchedVM(slot: slot, description: vm, cgroups: reader.cgroups)
        for source in sources { source.watch(watched) }
    }
}
