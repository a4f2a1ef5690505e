internal import HostReaders
internal import Signals

/// The PCIe errors of passed-through devices.
///
/// Few VMs have such devices and the counters move seldom, so each VM's are read every tenth tick.
final class PCIErrorSource: SharedSource {
    private let roots: HostRoots
    private var rows: [Row] = []

    /// The devices of the VM in one row.
    private struct Row {
        var devices: [PCIErrorReader] = []
        var reading = Reading.missing
        var isNew = true
    }

    /// A source without VMs.
    init(roots: HostRoots) {
        self.roots = roots
    }

    /// Watches exactly the VM's devices; those watched already keep their counters.
    func watch(_ vm: WatchedVM) {
        let index = vm.slot.index
        while rows.count <= index { rows.append(Row()) }
        let old = rows[index].devices
        rows[index].devices = vm.description.pciDevices.map { name in
            old.first { $0.name == name } ?? PCIErrorReader(name, roots: roots)
        }
        rows[index].isNew = true
    }

    func unwatch(_ slot: VMSlot) {
        if slot.index < rows.count { rows[slot.index] = Row() }
    }

    func sample(into frame: inout Frame, _ context: inout TickContext) {
        for index in rows.indices where frame.isRunning(VMSlot(index)) != nil {
            guard !rows[index].devices.isEmpty else {
                frame[VMSlot(index), .pciAERErrors] = .notObservable
                continue
            }
            if rows[index].isNew || context.isTurn(of: VMSlot(index)) {
                var sum = RateSum()
                for device in rows[index].devices { device.add(to: &sum, &context) }
                rows[index].reading = sum.sum
                rows[index].isNew = false
            }
            frame[VMSlot(index), .pciAERErrors] = rows[index].reading
            rows[index].reading.age()
        }
    }
}
