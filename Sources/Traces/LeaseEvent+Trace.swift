import Signals

extension LeaseEvent {
    /// Appends the event.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .granted(let order, let lease, let changes):
            bytes.append(0)
            order.append(to: &bytes)
            bytes.appendNumber(lease)
            bytes.appendTexts(changes)
        case .adjusted(let order, let lease, let changes):
            bytes.append(1)
            order.append(to: &bytes)
            bytes.appendNumber(lease)
            bytes.appendTexts(changes)
        case .wouldHold(let order):
            bytes.append(2)
            order.append(to: &bytes)
        case .wouldRelease(let key, let name, let reason):
            bytes.append(3)
            key.append(to: &bytes)
            bytes.appendText(name)
            bytes.appendText(reason.rawValue)
        case .released(let key, let name, let lease, let reason):
            bytes.append(4)
            key.append(to: &bytes)
            bytes.appendText(name)
            bytes.appendNumber(lease)
            bytes.appendText(reason.rawValue)
        case .handedOver(let key, let name, let lease, let found):
            bytes.append(5)
            key.append(to: &bytes)
            bytes.appendText(name)
            bytes.appendNumber(lease)
            bytes.appendText(found)
        case .failed(let key, let name, let reason):
            bytes.append(6)
            key.append(to: &bytes)
            bytes.appendText(name)
            bytes.appendText(reason)
        }
    }

    /// Reads what ``append(to:)`` wrote.
    init(_ cursor: inout TraceCursor) throws(TraceProblem) {
        let tag = try cursor.byte()
        switch tag {
        case 0: self = .granted(try HoldOrder(&cursor), lease: try cursor.number(), changes: try cursor.texts())
        case 1: self = .adjusted(try HoldOrder(&cursor), lease: try cursor.number(), changes: try cursor.texts())
        case 2: self = .wouldHold(try HoldOrder(&cursor))
        case 3:
            let (key, name) = (try HoldKey(&cursor), try cursor.text())
            self = .wouldRelease(key, name: name, try cursor.named(ReleaseReason.self))
        case 4:
            let (key, name, lease) = (try HoldKey(&cursor), try cursor.text(), try cursor.number())
            self = .released(key, name: name, lease: lease, try cursor.named(ReleaseReason.self))
        case 5:
            let (key, name, lease) = (try HoldKey(&cursor), try cursor.text(), try cursor.number())
            self = .handedOver(key, name: name, lease: lease, found: try cursor.text())
        case 6: self = .failed(try HoldKey(&cursor), name: try cursor.text(), try cursor.text())
        default: throw cursor.problem("an event of kind \(tag); 0 to 6 are accepted")
        }
    }
}

extension HoldKey {
    /// Appends the key.
    func append(to bytes: inout [UInt8]) {
        vm.append(to: &bytes)
        bytes.appendText(contention.rawValue)
    }

    /// Reads what ``append(to:)`` wrote.
    init(_ cursor: inout TraceCursor) throws(TraceProblem) {
        self.init(try VMIdentity(&cursor), try cursor.named(Contention.self))
    }
}

extension HoldOrder {
    /// Appends the order.
    func append(to bytes: inout [UInt8]) {
        key.append(to: &bytes)
        bytes.appendText(name)
        bytes.appendNumber(UInt64(max(0, vcpus)))
        step.append(to: &bytes)
        for value in [use.diskBytes, use.diskOps, use.receive, use.transmit, use.usable] {
            bytes.append(value == nil ? 0 : 1)
            if let value { bytes.appendDouble(value) }
        }
        bytes.appendText(quarantine.cpus.description)
        bytes.appendText(quarantine.links.rawValue)
        bytes.appendDouble(quarantine.share)
        bytes.append(allowsMemoryHigh ? 1 : 0)
        bytes.appendDouble(term)
        bytes.appendText(origin.rawValue)
        bytes.appendText(rule)
        bytes.append(victim == nil ? 0 : 1)
        victim?.append(to: &bytes)
        bytes.appendText(victimName)
    }

    /// Reads what ``append(to:)`` wrote.
    init(_ cursor: inout TraceCursor) throws(TraceProblem) {
        let key = try HoldKey(&cursor)
        let name = try cursor.text()
        let vcpus = try cursor.number(upTo: Int(Int32.max), "the number of vCPUs")
        let step = try HoldStep(&cursor)
        var use = HoldUse()
        for path in [\HoldUse.diskBytes, \.diskOps, \.receive, \.transmit, \.usable] where try cursor.flag() {
            use[keyPath: path] = try cursor.double()
        }
        let list = try cursor.text()
        guard let cpus = list.isEmpty ? CPUSet() : CPUSet(list: list) else {
            throw cursor.problem("'\(list)' is no list of CPUs")
        }
        let links = try cursor.named(QuarantinePlan.Links.self)
        let plan = QuarantinePlan(cpus: cpus, links: links, share: try cursor.double())
        let allowsMemoryHigh = try cursor.flag()
        let term = try cursor.double()
        let origin = try cursor.named(Origin.self)
        let rule = try cursor.text()
        let victim = try cursor.flag() ? try VMIdentity(&cursor) : nil
        self.init(
            vm: key.vm,
            name: name,
            vcpus: vcpus,
            contention: key.contention,
            step: step,
            term: term,
            rule: rule,
            victim: victim,
            victimName: try cursor.text()
        )
        self.use = use
        self.quarantine = plan
        self.allowsMemoryHigh = allowsMemoryHigh
        self.origin = origin
    }
}

extension HoldStep {
    /// Appends the step.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .throttle(let share):
            bytes.append(0)
            bytes.appendDouble(share)
        case .quarantine: bytes.append(1)
        case .suspend: bytes.append(2)
        }
    }

    /// Reads what ``append(to:)`` wrote.
    init(_ cursor: inout TraceCursor) throws(TraceProblem) {
        let tag = try cursor.byte()
        switch tag {
        case 0: self = .throttle(try cursor.double())
        case 1: self = .quarantine
        case 2: self = .suspend
        default: throw cursor.problem("a step of kind \(tag); 0 to 2 are accepted")
        }
    }
}
