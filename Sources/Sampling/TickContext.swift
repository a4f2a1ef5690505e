internal import HostReaders
internal import Signals

/// What all readers share during one tick.
struct TickContext: ~Copyable {
    /// The buffer that every file is read into.
    var buffer = ReadBuffer()
    /// What went wrong.
    var faults = FaultLog()
    /// When the counters are read.
    var time = MonotonicTime(nanoseconds: 0)
    /// When they were read the tick before.
    var previous = MonotonicTime(nanoseconds: 0)
    /// Counts ticks.
    var tick: UInt64 = 0
    /// Whether the VM at hand was paused in any part of the interval.
    var disturbed = false
    /// Whether somebody attends to the VM at hand: a rule fires on it.
    var isAttended = false
    /// Ticks between two readings of what is dear and does not stir.
    var calmEvery: UInt64 = 1
    /// Whether nobody on the host has waited for memory since the tick before.
    var isMemoryStill = false
    /// Whether nobody on the host has waited for storage since the tick before.
    var isStorageStill = false
    /// By row: whether the VM was paused in any part of the interval.
    var disturbances: [Bool] = []
    /// Whether a file of the VM at hand is gone.
    var vanished = false
    /// Why the latest ``read(_:_:)`` gave nothing.
    var absence = Quality.missing

    /// Reads and understands one file.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - parse: Its parser.
    /// - Returns: What it says, or `nil` with the reason in ``absence``.
    mutating func read<Value>(
        _ file: borrowing KernelFile,
        _ parse: (Span<UInt8>) throws(Malformed) -> Value
    ) -> Value? {
        guard let count = fetch(file) else { return nil }
        let malformed: Malformed
        do {
            return try parse(buffer.storage.span.extracting(first: count))
        } catch {
            malformed = error
        }
        note(file, malformed, count)
        absence = .missing
        return nil
    }

    /// Counts a file in the buffer that made no sense.
    mutating func note(_ file: borrowing KernelFile, _ malformed: Malformed, _ count: Int) {
        faults.note(file, malformed, in: buffer, count)
    }

    /// Reads one file into the buffer.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - whole: Whether the kernel hands it out in several pieces.
    /// - Returns: How many bytes, or `nil` with the reason in ``absence``.
    mutating func fetch(_ file: borrowing KernelFile, whole: Bool = false) -> Int? {
        guard file.isOpen else {
            absence = .notObservable
            return nil
        }
        switch whole ? file.readAll(into: &buffer) : file.read(into: &buffer) {
        case .bytes(let count): return count
        case .vanished:
            vanished = true
            absence = .missing
        case .unsupported: absence = .notObservable
        case .failed(let code):
            faults.note(file, errno: code)
            absence = .missing
        }
        return nil
    }

    /// Whether the VM in a row was paused in any part of the interval.
    func isDisturbed(_ slot: VMSlot) -> Bool {
        slot.index < disturbances.count && disturbances[slot.index]
    }

    /// Whether it is the turn of the VM in a row to have read what changes slowly or costs much: every tenth tick, another
    /// for each row so that ticks cost the same.
    func isTurn(of slot: VMSlot) -> Bool {
        (tick &+ UInt64(slot.index)) % VMReader.rarely == 0
    }

    /// Whether what is dear is read of a VM even where nothing stirs: in its turn, while somebody attends to it, and in a
    /// tick whose interval says nothing of the VM, so that the next one is whole.
    func isDue(_ slot: VMSlot) -> Bool {
        disturbed || isAttended || (tick &+ UInt64(slot.index)) % calmEvery == 0
    }

    /// The rate of a counter of the VM at hand.
    func rate(_ counter: inout Counter, _ value: UInt64, scale: Double = 1) -> Reading {
        counter.rate(of: value, at: time, scale: scale, disturbed: disturbed)
    }
}

extension Reading {
    /// Makes a reading that was `ok` in its tick `stale` for the next ones.
    mutating func age() {
        if quality == .ok { quality = .stale }
    }

    /// Whether the next reading is wanted at once: this one is not there, or its interval told nothing.
    var isUnsettled: Bool { quality == .missing || quality == .reset }
}
