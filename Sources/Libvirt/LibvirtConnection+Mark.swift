public import Signals

extension LibvirtConnection {
    /// Reads Quell's mark in the metadata of a running domain, an element of the namespace `urn:quell:hold:1`.
    ///
    /// - Parameter uuid: The domain.
    /// - Returns: Its text; `nil` where it has none.
    /// - Throws: ``LibvirtError``; `malformed` where somebody else's element is in its place.
    public func mark(of uuid: VMUUID) async throws(LibvirtError) -> String? {
        try await call("virDomainGetMetadata", on: uuid) { (domain) throws(LibvirtError) in try domain.mark() }
    }

    /// Sets Quell's mark in the metadata of a running domain, or takes it off; its stored description stays as it is.
    ///
    /// - Parameters:
    ///   - text: The text, at most 64 KiB; `nil` to take it off.
    ///   - uuid: The domain.
    /// - Throws: ``LibvirtError``; `invalidArgument` for a text that is too long or that XML cannot write.
    public func setMark(_ text: String?, of uuid: VMUUID) async throws(LibvirtError) {
        try await call("virDomainSetMetadata", on: uuid) { (domain) throws(LibvirtError) in try domain.setMark(text) }
    }
}
