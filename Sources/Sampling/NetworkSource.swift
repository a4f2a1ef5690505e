internal import HostReaders
internal import Signals

/// All interfaces of the host in one dump, each handed to its VM.
///
/// The dump names interfaces by number. A number is looked up when the VM is watched and again when the interface is not
/// seen, since one that was unplugged and came back has another; its counters then begin anew. `/proc/net/dev`, which
/// names interfaces by name, stands in where no dump can be had.
final class NetworkSource: SharedSource {
    private let interfaces: KernelFile
    private let roots: HostRoots
    private var links: LinkDump?
    private var patience = DumpPatience()
    private let indexOf: (String) -> Int32?
    private var byName: [InterfaceName: TapReader] = [:]
    private var byIndex: [Int32: TapReader] = [:]
    private var owned: [[TapReader]] = []

    /// Opens the table of interfaces and, where the roots are those of the running host, the socket for dumps.
    ///
    /// - Parameters:
    ///   - roots: Where the host's trees are.
    ///   - links: Dumps that stand in for those of the kernel.
    ///   - indexOf: Looks up an interface's number.
    init(
        roots: HostRoots,
        links: consuming LinkDump? = nil,
        indexOf: @escaping (String) -> Int32? = InterfaceName.index(of:)
    ) {
        self.roots = roots
        self.indexOf = indexOf
        interfaces = KernelFile(directory: roots.proc + "/net", name: "dev")
        if links == nil, roots.proc == HostRoots().proc {
            self.links = LinkDump()
        } else {
            self.links = links
        }
    }

    /// Watches exactly the VM's interfaces; those watched already keep their counters.
    func watch(_ vm: WatchedVM) {
        while owned.count <= vm.slot.index { owned.append([]) }
        let old = owned[vm.slot.index]
        let new = vm.description.taps.compactMap { text in
            InterfaceName(text).map { name in
                old.first { $0.name == name } ?? TapReader(name, text: text, slot: vm.slot, roots: roots)
            }
        }
        release(old)
        for tap in new {
            byName[tap.name] = tap
            guard links != nil else { continue }
            if tap.index == nil { tap.index = indexOf(tap.text) }
            if let index = tap.index { byIndex[index] = tap }
        }
        owned[vm.slot.index] = new
    }

    func unwatch(_ slot: VMSlot) {
        guard slot.index < owned.count else { return }
        release(owned[slot.index])
        owned[slot.index] = []
    }

    func sample(into frame: inout Frame, _ context: inout TickContext) {
        if !byName.isEmpty { read(&context) }
        for index in owned.indices where frame.isRunning(VMSlot(index)) != nil {
            var sums = InlineArray<7, RateSum>(repeating: RateSum())
            for tap in owned[index] { tap.add(to: &sums, tick: context.tick) }
            TapReader.write(sums, into: &frame, VMSlot(index))
        }
    }

    /// Reads all interfaces, by a dump or from the file.
    private func read(_ context: inout TickContext) {
        guard links != nil, patience.isDue(context.tick) else { return readFile(&context) }
        let outcome = dump(&context)
        patience.note(seconds: links?.seconds ?? 0, failed: !outcome.isUsable, in: context.tick)
        guard outcome.isUsable else {
            context.faults.note("rtnetlink", outcome)
            return readFile(&context)
        }
        search(context.tick)
    }

    /// Runs the dump and hands each interface to its VM.
    private func dump(_ context: inout TickContext) -> NetlinkOutcome {
        let time = context.time
        let tick = context.tick
        let disturbances = context.disturbances
        return links?.read { stats in
            // An interface may be told twice; the second time would be an interval of no length.
            guard let tap = byIndex[stats.index], tap.seen != tick else { return }
            let place = tap.slot.index
            let isDisturbed = place < disturbances.count && disturbances[place]
            tap.take(stats.counters, at: time, tick: tick, disturbed: isDisturbed)
        } ?? .unfinished
    }

    /// Looks up the numbers of interfaces that were not seen: at once, then rarely.
    private func search(_ tick: UInt64) {
        for taps in owned {
            for tap in taps where tap.seen != tick && tick >= tap.nextSearch && byName[tap.name] === tap {
                tap.nextSearch = tick &+ VMReader.rarely
                let index = indexOf(tap.text)
                guard index != tap.index else { continue }
                forgetIndex(of: tap)
                tap.index = index
                tap.nextSearch = 0
                tap.forget()
                if let index { byIndex[index] = tap }
            }
        }
    }

    /// Reads the file and hands each line to its interface, unless it was seen in this tick.
    private func readFile(_ context: inout TickContext) {
        guard let count = context.fetch(interfaces, whole: true) else { return }
        var lines = NetworkDeviceLines()
        do {
            let bytes = context.buffer.storage.span.extracting(first: count)
            while let device = lines.next(bytes) {
                guard let tap = byName[device.name], tap.seen != context.tick else { continue }
                let isDisturbed = context.isDisturbed(tap.slot)
                tap.take(device.counters, at: context.time, tick: context.tick, disturbed: isDisturbed)
            }
        }
        if let malformed = lines.malformed { context.note(interfaces, malformed, count) }
    }

    /// Stops watching interfaces, except those that another VM has taken over.
    private func release(_ old: [TapReader]) {
        for tap in old {
            if byName[tap.name] === tap { byName[tap.name] = nil }
            forgetIndex(of: tap)
        }
    }

    /// Takes an interface's number from it, unless another VM has taken that over.
    private func forgetIndex(of tap: TapReader) {
        if let index = tap.index, byIndex[index] === tap { byIndex[index] = nil }
    }
}
