internal import CLibvirt
internal import Signals

extension ConnectionHandle {
    /// Does something with a network filter, whose reference must not leave the closure; `false` where none of the name
    /// is defined; blocks.
    ///
    /// The corresponding C function is `virNWFilterLookupByName`.
    private func withFilter(
        _ name: String,
        _ body: (OpaquePointer) throws(LibvirtError) -> Void = { _ in }
    ) throws(LibvirtError) -> Bool {
        let context = CallContext("virNWFilterLookupByName(\(name))")
        return try unsafe withPointer { connection throws(LibvirtError) in
            // SAFETY: the text lives for the call; the reference that comes back is freed once.
            guard let filter = unsafe virNWFilterLookupByName(connection, name) else {
                let failure = context.lastFailure()
                if failure.code == .other(Int32(VIR_ERR_NO_NWFILTER.rawValue)) { return false }
                throw failure
            }
            defer { _ = unsafe virNWFilterFree(filter) }
            try unsafe body(filter)
            return true
        }
    }

    /// Makes sure that a filter can be referred to: Quell's own is defined where it is missing, any other must be there;
    /// blocks.
    ///
    /// The corresponding C function is `virNWFilterDefineXML`.
    func provideFilter(_ name: String) throws(LibvirtError) {
        if try unsafe withFilter(name) { return }
        let context = CallContext("virNWFilterDefineXML(\(name))")
        guard name == NetworkFilter.isolate.name else {
            throw context.failure(.unsupported, "libvirt has no network filter of this name")
        }
        try unsafe withPointer { connection throws(LibvirtError) in
            // SAFETY: the text lives for the call; the reference that comes back is freed at once.
            guard let filter = unsafe virNWFilterDefineXML(connection, Self.isolateXML) else {
                throw context.lastFailure()
            }
            _ = unsafe virNWFilterFree(filter)
        }
    }

    /// Removes Quell's own filter where it is defined; libvirt refuses while an interface has it; blocks.
    ///
    /// The corresponding C function is `virNWFilterUndefine`.
    func removeIsolation() throws(LibvirtError) {
        let context = CallContext("virNWFilterUndefine")
        _ = try unsafe withFilter(NetworkFilter.isolate.name) { filter throws(LibvirtError) in
            // SAFETY: the reference lives for the call.
            try context.check(unsafe virNWFilterUndefine(filter))
        }
    }

    /// Drops every frame in both directions, before any other rule.
    private static var isolateXML: String {
        """
        <filter name='\(NetworkFilter.isolate.name)' chain='root'>
          <uuid>d1b0c1a5-6f5e-4d0b-9c58-7175656c6c01</uuid>
          <rule action='drop' direction='inout' priority='-1000'/>
        </filter>
        """
    }
}
