internal import CLibvirt
internal import Signals

extension DomainHandle {
    /// Room for the values of a disk (`REMOTE_DOMAIN_BLOCK_IO_TUNE_PARAMETERS_MAX`).
    private static let diskRoom: Int32 = 32

    /// The limits of a disk, as QEMU tells them; blocks.
    ///
    /// The corresponding C function is `virDomainGetBlockIoTune`.
    borrowing func diskLimit(_ target: String) throws(LibvirtError) -> DiskLimit {
        DiskLimit(
            try unsafe parameters("virDomainGetBlockIoTune", room: Self.diskRoom) { domain, list, count, flags in
                // SAFETY: the domain, the list and the text live for the call; the same below.
                unsafe virDomainGetBlockIoTune(domain, target, list, count, flags)
            }
        )
    }

    /// Sets all limits of a disk; blocks.
    ///
    /// The corresponding C function is `virDomainSetBlockIoTune`.
    borrowing func setDiskLimit(_ limit: DiskLimit, _ target: String) throws(LibvirtError) {
        let function = "virDomainSetBlockIoTune"
        guard let settings = limit.parameters else {
            throw CallContext(function, uuid).failure(.invalidArgument, "a limit of a disk has an unknown name")
        }
        try unsafe set(function, settings) { domain, list, count, flags in
            unsafe virDomainSetBlockIoTune(domain, target, list, count, flags)
        }
    }
}
