internal import CLibvirt
internal import Signals

extension DomainHandle {
    /// Whether libvirt can talk to the domain's QEMU; never waits for QEMU or for a job.
    ///
    /// The corresponding C function is `virDomainGetControlInfo`.
    borrowing func control() throws(LibvirtError) -> DomainControl {
        let context = CallContext("virDomainGetControlInfo", uuid)
        return try unsafe withPointer { domain throws(LibvirtError) in
            var info = virDomainControlInfo()
            // SAFETY: libvirt fills the one record, which holds no pointers.
            try context.check(unsafe virDomainGetControlInfo(domain, &info, 0))
            return DomainControl(state: info.state, milliseconds: info.stateTime)
        }
    }

    /// Seconds for which the job under way has run, 0 where none is; blocks, also for as long as another job holds the
    /// domain.
    ///
    /// A driver that knows no jobs has none under way. The corresponding C function is `virDomainGetJobInfo`.
    borrowing func jobAge() throws(LibvirtError) -> Double {
        let context = CallContext("virDomainGetJobInfo", uuid)
        return try unsafe withPointer { domain throws(LibvirtError) in
            var info = virDomainJobInfo()
            // SAFETY: libvirt fills the one record, which holds no pointers.
            guard unsafe virDomainGetJobInfo(domain, &info) >= 0 else {
                let failure = context.lastFailure()
                if failure.code == .unsupported { return 0 }
                throw failure
            }
            return DomainControl.jobAge(type: info.type, milliseconds: info.timeElapsed)
        }
    }

    /// Begins to measure how fast the domain dirties its memory, by sampling pages twice; blocks until QEMU has begun.
    ///
    /// The corresponding C function is `virDomainStartDirtyRateCalc`.
    borrowing func startDirtyRate(seconds: Int32) throws(LibvirtError) {
        let context = CallContext("virDomainStartDirtyRateCalc", uuid)
        _ = try unsafe withPointer { domain throws(LibvirtError) in
            // SAFETY: the domain lives for the call.
            try context.check(
                unsafe virDomainStartDirtyRateCalc(domain, seconds, VIR_DOMAIN_DIRTYRATE_MODE_PAGE_SAMPLING.rawValue)
            )
        }
    }
}
