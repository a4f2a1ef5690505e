import Enforcement
import HostReaders
import Libvirt
import Signals

/// Reads and sets vCPU quotas through libvirt, for exactly the start of a VM that is meant.
struct LibvirtActuator: QuotaActuator {
    /// The connection.
    let connection: LibvirtConnection
    /// Where the kernel's files are.
    let roots: HostRoots

    func quota(of vm: VMIdentity) async throws(ActuatorError) -> VCPUQuota {
        try await check(vm)
        do {
            return try await connection.quota(of: vm.uuid)
        } catch {
            throw Self.reading(error)
        }
    }

    func setQuota(_ quota: VCPUQuota, of vm: VMIdentity) async throws(ActuatorError) {
        try await check(vm)
        do {
            try await connection.setQuota(quota, of: vm.uuid)
        } catch {
            throw error.outcomeUnknown ? .unknown(error.description) : Self.reading(error)
        }
    }

    /// Makes sure that the VM that runs under this UUID is still the same start of it.
    private func check(_ vm: VMIdentity) async throws(ActuatorError) {
        let name: String
        do {
            name = try await connection.domain(vm.uuid).name
        } catch {
            throw Self.reading(error)
        }
        guard let process = QEMUProcess.locate(uuid: vm.uuid.description, name: name, roots: roots) else {
            throw .vmGone
        }
        guard process.startTicks == vm.generation else { throw .generationChanged }
    }

    /// The failure of a call that changes nothing.
    private static func reading(_ error: LibvirtError) -> ActuatorError {
        switch error.code {
        case .noDomain: .vmGone
        case .operationInvalid, .denied, .unsupported, .invalidArgument, .malformed, .other: .refused(error.description)
        case .timedOut, .agentBusy, .resourceBusy, .disconnected, .deadline, .busy, .circuitOpen, .cancelled:
            .unavailable(error.description)
        }
    }
}
