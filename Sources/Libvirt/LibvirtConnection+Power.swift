public import Signals

extension LibvirtConnection {
    /// Tells whether the vCPUs of a domain run, and why not.
    ///
    /// - Parameter uuid: The domain.
    /// - Returns: The state; ``PowerState/paused`` only where a call to suspend has paused it.
    /// - Throws: ``LibvirtError``.
    public func powerState(of uuid: VMUUID) async throws(LibvirtError) -> PowerState {
        try await call("virDomainGetState", on: uuid) { (domain) throws(LibvirtError) in try domain.powerState() }
    }

    /// Suspends or resumes a domain.
    ///
    /// - Parameters:
    ///   - state: ``PowerState/running`` or ``PowerState/paused``.
    ///   - uuid: The domain.
    /// - Throws: ``LibvirtError``; `operationInvalid` where something else than a call to suspend has stopped it.
    public func setPowerState(_ state: PowerState, of uuid: VMUUID) async throws(LibvirtError) {
        try await call(state == .running ? "virDomainResume" : "virDomainSuspend", on: uuid) {
            (domain) throws(LibvirtError) in
            try domain.setPower(state)
        }
    }
}
