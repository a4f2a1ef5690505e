import Signals

extension LeaseEvent {
    /// Appends the event.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .granted(let order, let lease):
            bytes.append(0)
            order.append(to: &bytes)
            bytes.appendNumber(lease)
        case .adjusted(let order, let lease):
            bytes.append(1)
            order.append(to: &bytes)
            bytes.appendNumber(lease)
        case .wouldThrottle(let order):
            bytes.append(2)
            order.append(to: &bytes)
        case .wouldRelease(let vm, let name, let reason):
            bytes.append(3)
            vm.append(to: &bytes)
            bytes.appendText(name)
            bytes.appendText(reason.rawValue)
        case .released(let vm, let name, let lease, let reason):
            bytes.append(4)
            vm.append(to: &bytes)
            bytes.appendText(name)
            bytes.appendNumber(lease)
            bytes.appendText(reason.rawValue)
        case .handedOver(let vm, let name, let lease, let found):
            bytes.append(5)
            vm.append(to: &bytes)
            bytes.appendText(name)
            bytes.appendNumber(lease)
            bytes.appendText(found)
        case .failed(let vm, let name, let reason):
            bytes.append(6)
            vm.append(to: &bytes)
            bytes.appendText(name)
            bytes.appendText(reason)
        }
    }

    /// Reads what ``append(to:)`` wrote.
    init(_ cursor: inout TraceCursor) throws(TraceProblem) {
        let tag = try cursor.byte()
        switch tag {
        case 0: self = .granted(try ThrottleOrder(&cursor), lease: try cursor.number())
        case 1: self = .adjusted(try ThrottleOrder(&cursor), lease: try cursor.number())
        case 2: self = .wouldThrottle(try ThrottleOrder(&cursor))
        case 3:
            let (vm, name) = (try VMIdentity(&cursor), try cursor.text())
            self = .wouldRelease(vm, name: name, try Self.reason(&cursor))
        case 4:
            let (vm, name, lease) = (try VMIdentity(&cursor), try cursor.text(), try cursor.number())
            self = .released(vm, name: name, lease: lease, try Self.reason(&cursor))
        case 5:
            let (vm, name, lease) = (try VMIdentity(&cursor), try cursor.text(), try cursor.number())
            self = .handedOver(vm, name: name, lease: lease, found: try cursor.text())
        case 6: self = .failed(try VMIdentity(&cursor), name: try cursor.text(), try cursor.text())
        default: throw cursor.problem("an event of kind \(tag); 0 to 6 are accepted")
        }
    }

    /// Why a VM is let go, by its name.
    private static func reason(_ cursor: inout TraceCursor) throws(TraceProblem) -> ReleaseReason {
        let text = try cursor.text()
        guard let reason = ReleaseReason(rawValue: text) else {
            let known = ReleaseReason.allCases.map(\.rawValue).joined(separator: ", ")
            throw cursor.problem("a release for '\(text)'; known: \(known)")
        }
        return reason
    }
}

extension ThrottleOrder {
    /// Appends the order.
    func append(to bytes: inout [UInt8]) {
        vm.append(to: &bytes)
        bytes.appendText(name)
        bytes.appendDouble(cap)
        bytes.appendNumber(UInt64(max(0, vcpus)))
        bytes.appendDouble(term)
        bytes.appendText(rule)
        victim.append(to: &bytes)
        bytes.appendText(victimName)
    }

    /// Reads what ``append(to:)`` wrote.
    init(_ cursor: inout TraceCursor) throws(TraceProblem) {
        self.init(
            vm: try VMIdentity(&cursor),
            name: try cursor.text(),
            cap: try cursor.double(),
            vcpus: try cursor.number(upTo: Int(Int32.max), "the number of vCPUs"),
            term: try cursor.double(),
            rule: try cursor.text(),
            victim: try VMIdentity(&cursor),
            victimName: try cursor.text()
        )
    }
}
