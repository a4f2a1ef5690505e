public import Enforcement
public import HostReaders
public import Libvirt
public import Signals

/// Reads and sets through libvirt what it can change of a running VM, for exactly the start of it that is meant.
public struct LibvirtActuator: Sendable {
    /// The connection.
    let connection: LibvirtConnection
    /// Where the kernel's files are.
    let roots: HostRoots

    /// An actuator.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - roots: Where the kernel's files are.
    public init(connection: LibvirtConnection, roots: HostRoots) {
        self.connection = connection
        self.roots = roots
    }

    /// Makes sure that the VM that runs under this UUID is still the same start of it.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: What libvirt says of it.
    /// - Throws: ``ActuatorError``.
    @discardableResult
    func check(_ vm: VMIdentity) async throws(ActuatorError) -> DomainDescription {
        let domain = try await asking { () async throws(LibvirtError) in
            do throws(LibvirtError) {
                return try await connection.domain(vm.uuid)
            } catch  where error.code == .malformed {
                // It may be held by what needs no description.
                return try await connection.outline(vm.uuid)
            }
        }
        guard let process = QEMUProcess.locate(uuid: vm.uuid.description, name: domain.name, roots: roots) else {
            throw .vmGone
        }
        guard process.startTicks == vm.generation else { throw .generationChanged }
        return domain
    }

    /// Makes a call that changes nothing.
    func asking<Value: Sendable>(
        _ call: () async throws(LibvirtError) -> Value
    ) async throws(ActuatorError) -> Value {
        do {
            return try await call()
        } catch {
            throw Self.reading(error)
        }
    }

    /// Makes a call that changes something.
    func changing(_ call: () async throws(LibvirtError) -> Void) async throws(ActuatorError) {
        do {
            try await call()
        } catch {
            throw Self.writing(error)
        }
    }

    /// The failure of a call that changes nothing.
    static func reading(_ error: LibvirtError) -> ActuatorError {
        switch error.code {
        case .noDomain: .vmGone
        case .operationInvalid, .denied, .unsupported, .invalidArgument, .malformed, .other: .refused(error.description)
        case .timedOut, .agentBusy, .resourceBusy, .disconnected, .deadline, .busy, .circuitOpen, .cancelled:
            .unavailable(error.description)
        }
    }

    /// The failure of a call that changes something.
    static func writing(_ error: LibvirtError) -> ActuatorError {
        error.outcomeUnknown ? .unknown(error.description) : reading(error)
    }
}

extension LibvirtActuator {
    /// What a VM is made of, as far as libvirt knows.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: Its parts.
    /// - Throws: `ActuatorError`.
    public func parts(of vm: VMIdentity) async throws(ActuatorError) -> VMParts { try await parts(of: check(vm)) }

    /// What a VM is made of, as far as libvirt knows.
    ///
    /// - Parameter domain: What libvirt says of it.
    /// - Returns: Its parts.
    /// - Throws: `ActuatorError`.
    func parts(of domain: DomainDescription) async throws(ActuatorError) -> VMParts {
        let host = try await asking { () async throws(LibvirtError) in try await connection.hostCPUs() }
        return Self.parts(of: domain, mounts: MountTable(roots: roots), hostCPUs: host.online)
    }

    /// Reads what a knob is set to.
    ///
    /// - Parameters:
    ///   - knob: The knob.
    ///   - vm: The VM.
    /// - Returns: The setting in force.
    /// - Throws: `ActuatorError`; `refused` for a knob that libvirt does not have.
    public func read(_ knob: Knob, of vm: VMIdentity) async throws(ActuatorError) -> Setting {
        let domain = try await check(vm)
        try Self.demand(knob, in: domain)
        return try await asking { () async throws(LibvirtError) in try await read(knob, of: domain) }
    }

    /// Sets a knob of the running VM.
    ///
    /// - Parameters:
    ///   - knob: The knob.
    ///   - setting: A setting of the kind that the knob has.
    ///   - vm: The VM.
    /// - Throws: `ActuatorError`; `refused` for a knob that libvirt does not have and for a setting of another kind.
    public func set(_ knob: Knob, to setting: Setting, of vm: VMIdentity) async throws(ActuatorError) {
        let domain = try await check(vm)
        try Self.demand(knob, in: domain)
        try await changing { () async throws(LibvirtError) in try await set(knob, to: setting, of: vm.uuid) }
    }

    /// Reads Quell's mark in the VM's metadata.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: The text of the mark; `nil` where it has none.
    /// - Throws: `ActuatorError`.
    public func mark(of vm: VMIdentity) async throws(ActuatorError) -> String? {
        try await check(vm)
        return try await asking { () async throws(LibvirtError) in try await connection.mark(of: vm.uuid) }
    }

    /// Sets Quell's mark in the VM's metadata or takes it off.
    ///
    /// - Parameters:
    ///   - text: The text of the mark, at most 64 KiB; `nil` to take it off.
    ///   - vm: The VM.
    /// - Throws: `ActuatorError`.
    public func setMark(_ text: String?, of vm: VMIdentity) async throws(ActuatorError) {
        try await check(vm)
        try await changing { () async throws(LibvirtError) in try await connection.setMark(text, of: vm.uuid) }
    }
}
