import Enforcement
import HostReaders
import Sampling
import Signals

/// NVML as it is used to limit GPUs; used on one thread alone.
final class GPUDesk {
    private let roots: HostRoots
    private let library: String
    private var open: GPUSession?

    /// A desk that opens nothing yet.
    ///
    /// - Parameters:
    ///   - roots: Where sysfs is.
    ///   - library: NVML's file, or a name for the loader to find.
    init(roots: HostRoots, library: String) {
        self.roots = roots
        self.library = library
    }

    /// Does something with a GPU, which is attached where it is not yet.
    ///
    /// - Parameters:
    ///   - address: Its address on the PCI bus.
    ///   - work: What is done.
    /// - Returns: What `work` returns.
    /// - Throws: ``ActuatorError``; ``ActuatorError/partGone(_:)`` where the host has no such GPU, or has lost it.
    func with<Value>(
        _ address: String,
        _ work: (GPUSession, NVMLDevice) throws(GPUFailure) -> Value
    ) throws(ActuatorError) -> Value {
        guard let function = PCIFunction(at: address, roots: roots) else {
            throw .partGone("the host has no GPU at \(address)")
        }
        // Only NVIDIA's own driver shows a GPU to NVML; there is no need to open it to learn that.
        guard function.driver == "nvidia" else {
            let driver = function.driver ?? "no driver"
            throw .partGone("the GPU at \(address) is bound to \(driver), so that NVML does not see it")
        }
        do throws(GPUFailure) {
            let session = try asked { () throws(NVMLError) -> GPUSession in try opened() }
            let device = try asked { () throws(NVMLError) -> NVMLDevice in try session.attach(address).get() }
            return try work(session, device)
        } catch {
            if error.isOfSession { open = nil }
            throw error.error
        }
    }

    /// The GPUs that a VM uses.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: The GPUs.
    /// - Throws: ``ActuatorError``.
    func tenancies(of vm: VMDescription) throws(ActuatorError) -> [GPUTenancy] {
        do throws(GPUFailure) {
            return try asked { () throws(NVMLError) in
                try GPUTenancy.all(of: vm, roots: roots, session: { () throws(NVMLError) in try opened() })
            }
        } catch {
            if error.isOfSession { open = nil }
            throw error.error
        }
    }

    private func opened() throws(NVMLError) -> GPUSession {
        if let open { return open }
        let session = try GPUSession(path: library, recordsEvents: false)
        open = session
        return session
    }
}

/// Why something was not done to a GPU.
struct GPUFailure: Error {
    /// The failure in the enforcer's terms.
    var error: ActuatorError
    /// Whether NVML must be opened anew before it can answer again.
    var isOfSession = false

    /// Something that NVML is not asked for.
    ///
    /// - Parameter error: Why.
    init(_ error: ActuatorError) { self.error = error }

    /// A failure of NVML's.
    ///
    /// - Parameters:
    ///   - failure: The failure.
    ///   - isChange: Whether it is of a call that changes something, so that it may have, where NVML cannot say.
    init(_ failure: NVMLError, isChange: Bool) {
        let text = failure.description
        switch failure.code {
        case .lost, .notFound: error = .partGone(text)
        case .noLibrary, .driverNotLoaded, .versionMismatch: error = .unavailable(text)
        case .noPermission: error = .refused("the driver wants CAP_SYS_ADMIN for it: \(text)")
        case .notSupported, .noFunction, .invalidArgument: error = .refused(text)
        case .timeout, .malformed, .other: error = isChange ? .unknown(text) : .unavailable(text)
        }
        switch failure.code {
        case .lost, .notFound, .driverNotLoaded, .versionMismatch, .invalidArgument, .other: isOfSession = true
        case .noLibrary, .noPermission, .notSupported, .noFunction, .timeout, .malformed: isOfSession = false
        }
    }
}

/// Asks NVML for something.
func asked<Value>(_ call: () throws(NVMLError) -> Value) throws(GPUFailure) -> Value {
    do throws(NVMLError) {
        return try call()
    } catch {
        throw GPUFailure(error, isChange: false)
    }
}

/// Has NVML change something.
func changed(_ call: () throws(NVMLError) -> Void) throws(GPUFailure) {
    do throws(NVMLError) {
        try call()
    } catch {
        throw GPUFailure(error, isChange: true)
    }
}
