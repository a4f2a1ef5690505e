public import Signals

extension LibvirtConnection {
    /// Reads which host CPUs threads of a running domain may use.
    ///
    /// - Parameters:
    ///   - threads: Which of its threads.
    ///   - uuid: The domain.
    /// - Returns: The CPUs of each vCPU that is online, of the emulator threads as one, or of each I/O thread, in the
    ///   order of their numbers. Those of I/O threads are the kernel's, the others what libvirt has set; without pins all
    ///   CPUs that are online.
    /// - Throws: ``LibvirtError``.
    public func pins(of threads: DomainThreads, of uuid: VMUUID) async throws(LibvirtError) -> [CPUSet] {
        try await call("virDomainGetVcpuPinInfo", on: uuid) { (domain) throws(LibvirtError) in
            try domain.pins(of: threads)
        }
    }

    /// Pins threads of a running domain to host CPUs.
    ///
    /// - Parameters:
    ///   - pins: The CPUs of each thread, in the order of their numbers. Threads beyond the list get the last of it; what
    ///     is beyond the threads is left out.
    ///   - threads: Which of its threads.
    ///   - uuid: The domain.
    /// - Throws: ``LibvirtError``; nothing has changed then unless ``LibvirtError/outcomeUnknown``.
    public func setPins(_ pins: [CPUSet], of threads: DomainThreads, of uuid: VMUUID) async throws(LibvirtError) {
        try await call("virDomainPinVcpuFlags", on: uuid) { (domain) throws(LibvirtError) in
            try domain.setPins(pins, of: threads)
        }
    }
}
