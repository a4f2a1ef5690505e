internal import HostReaders
internal import Signals

/// All interfaces of the host in one read, each handed to its VM.
final class NetworkSource: SharedSource {
    private let interfaces: KernelFile
    private let roots: HostRoots
    private var taps: [InterfaceName: (tap: TapReader, slot: VMSlot)] = [:]
    private var owned: [[TapReader]] = []

    /// Opens the table of interfaces.
    init(roots: HostRoots) {
        self.roots = roots
        interfaces = KernelFile(directory: roots.proc + "/net", name: "dev")
    }

    /// Watches exactly the VM's interfaces; those watched already keep their counters.
    func watch(_ vm: WatchedVM) {
        while owned.count <= vm.slot.index { owned.append([]) }
        let old = owned[vm.slot.index]
        let new = vm.description.taps.compactMap { text in
            InterfaceName(text).map { name in
                old.first { $0.name == name } ?? TapReader(name, text: text, roots: roots)
            }
        }
        release(old)
        for tap in new { taps[tap.name] = (tap, vm.slot) }
        owned[vm.slot.index] = new
    }

    func unwatch(_ slot: VMSlot) {
        guard slot.index < owned.count else { return }
        release(owned[slot.index])
        owned[slot.index] = []
    }

    func sample(into frame: inout Frame, _ context: inout TickContext) {
        if !taps.isEmpty { read(&context) }
        for index in owned.indices where frame.isRunning(VMSlot(index)) != nil {
            var sums = InlineArray<7, RateSum>(repeating: RateSum())
            for tap in owned[index] { tap.add(to: &sums, tick: context.tick) }
            TapReader.write(sums, into: &frame, VMSlot(index))
        }
    }

    /// Reads the table and hands each line to its interface.
    private func read(_ context: inout TickContext) {
        guard let count = context.fetch(interfaces, whole: true) else { return }
        var lines = NetworkDeviceLines()
        do {
            let bytes = context.buffer.storage.span.extracting(first: count)
            while let device = lines.next(bytes) {
                guard let (tap, slot) = taps[device.name] else { continue }
                let isDisturbed = context.isDisturbed(slot)
                tap.take(device, at: context.time, tick: context.tick, disturbed: isDisturbed)
            }
        }
        if let malformed = lines.malformed { context.note(interfaces, malformed, count) }
    }

    /// Stops watching interfaces, except those that another VM has taken over.
    private func release(_ old: [TapReader]) {
        for tap in old where taps[tap.name]?.tap === tap { taps[tap.name] = nil }
    }
}
