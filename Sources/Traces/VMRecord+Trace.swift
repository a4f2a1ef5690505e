import Signals

extension VMRecord {
    /// Whether two records are the same, bit for bit.
    func isSame(as other: VMRecord) -> Bool {
        // Equality takes −0 for 0 and no NaN for any, so the numbers are compared once more.
        weight.bitPattern == other.weight.bitPattern
            && ownQuota?.bitPattern == other.ownQuota?.bitPattern
            && heldCores?.bitPattern == other.heldCores?.bitPattern
            && identity == other.identity && running == other.running && activity == other.activity
            && vcpus == other.vcpus && heldOver == other.heldOver && scope == other.scope
            && name == other.name && workloadClass == other.workloadClass && tenant == other.tenant
    }

    /// Appends the record after its length, so that a later version may add to its end.
    func append(to bytes: inout [UInt8]) {
        var body: [UInt8] = []
        identity.append(to: &body)
        body.appendText(name)
        switch tenant {
        case .known(let name):
            body.append(0)
            body.appendText(name)
        case .unknown: body.append(1)
        case .conflicting(let names):
            body.append(2)
            body.appendTexts(names)
        }
        body.appendText(workloadClass)
        body.appendNumber(UInt64(vcpus))
        body.appendDouble(weight)
        body.append((running ? 1 : 0) | (ownQuota == nil ? 0 : 2) | (heldCores == nil ? 0 : 4))
        body.append(activity.rawValue)
        if let ownQuota { body.appendDouble(ownQuota) }
        if let heldCores { body.appendDouble(heldCores) }
        for list in [scope.cpus, scope.caches, scope.nodes, scope.disks, scope.links, scope.gpus] {
            body.appendNumber(UInt64(list.count))
            for item in list { body.appendNumber(UInt64(item)) }
        }
        body.appendTexts(heldOver.map(\.rawValue).sorted())
        bytes.appendNumber(UInt64(body.count))
        bytes.append(contentsOf: body)
    }

    /// Reads what ``append(to:)`` wrote; what a later version added to its end is skipped.
    init(_ outer: inout TraceCursor) throws(TraceProblem) {
        let length = try outer.count("the length of a VM")
        var cursor = try outer.part(length)
        let identity = try VMIdentity(&cursor)
        let name = try cursor.text()
        let tenant = try Tenant(&cursor)
        let workloadClass = try cursor.text()
        let vcpus = try cursor.number(upTo: Int(Int32.max), "the number of vCPUs")
        guard vcpus > 0 else { throw cursor.problem("a VM without a vCPU") }
        self.init(identity: identity, name: name, tenant: tenant, workloadClass: workloadClass, vcpus: vcpus)
        weight = try cursor.double()
        let flags = try cursor.byte()
        running = flags & 1 != 0
        activity = VMActivity(rawValue: try cursor.byte())
        if flags & 2 != 0 { ownQuota = try cursor.double() }
        if flags & 4 != 0 { heldCores = try cursor.double() }
        scope.cpus = try Self.list(&cursor)
        scope.caches = try Self.list(&cursor)
        scope.nodes = try Self.list(&cursor)
        scope.disks = try Self.list(&cursor)
        scope.links = try Self.list(&cursor)
        scope.gpus = try Self.list(&cursor)
        for _ in 0..<(try cursor.count("the number of things that it is held back over")) {
            heldOver.insert(try cursor.named(Contention.self))
        }
    }

    /// A list of numbers of 32 bits.
    private static func list(_ cursor: inout TraceCursor) throws(TraceProblem) -> [UInt32] {
        var list: [UInt32] = []
        for _ in 0..<(try cursor.count("the length of a list")) {
            list.append(UInt32(try cursor.number(upTo: Int(UInt32.max), "a number of the VM's place")))
        }
        return list
    }
}

extension VMIdentity {
    /// Appends the UUID, 16 bytes, and the generation.
    func append(to bytes: inout [UInt8]) {
        bytes.appendBytes(8, of: uuid.high)
        bytes.appendBytes(8, of: uuid.low)
        bytes.appendNumber(generation)
    }

    /// Reads what ``append(to:)`` wrote.
    init(_ cursor: inout TraceCursor) throws(TraceProblem) {
        let high = try cursor.number(bytes: 8)
        let low = try cursor.number(bytes: 8)
        self.init(uuid: VMUUID(high: high, low: low), generation: try cursor.number())
    }
}

extension Tenant {
    /// Reads a tenant.
    init(_ cursor: inout TraceCursor) throws(TraceProblem) {
        let tag = try cursor.byte()
        switch tag {
        case 0: self = .known(try cursor.text())
        case 1: self = .unknown
        case 2: self = .conflicting(try cursor.texts())
        default: throw cursor.problem("a tenant of kind \(tag); 0 to 2 are accepted")
        }
    }
}
