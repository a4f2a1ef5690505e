public import Signals

extension LibvirtConnection {
    /// Reads the limits of a disk of a running domain.
    ///
    /// - Parameters:
    ///   - target: The disk's name in the description, such as `vda`.
    ///   - uuid: The domain.
    /// - Returns: The limits as QEMU tells them. A limited disk is always in a group; where none was given it is named
    ///   after the disk's device in QEMU.
    /// - Throws: ``LibvirtError``; `invalidArgument` where it has no such disk.
    public func diskLimit(_ target: String, of uuid: VMUUID) async throws(LibvirtError) -> DiskLimit {
        try await call("virDomainGetBlockIoTune", on: uuid) { (domain) throws(LibvirtError) in
            try domain.diskLimit(target)
        }
    }

    /// Sets the limits of a disk of a running domain; every limit that is not named is taken off.
    ///
    /// A disk that is in a group of several keeps its group where none is named, and then all of them get the limits.
    ///
    /// - Parameters:
    ///   - limit: The limits.
    ///   - target: The disk's name in the description.
    ///   - uuid: The domain.
    /// - Throws: ``LibvirtError``.
    public func setDiskLimit(_ limit: DiskLimit, _ target: String, of uuid: VMUUID) async throws(LibvirtError) {
        try await call("virDomainSetBlockIoTune", on: uuid) { (domain) throws(LibvirtError) in
            try domain.setDiskLimit(limit, target)
        }
    }
}
