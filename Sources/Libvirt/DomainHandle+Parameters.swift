internal import CLibvirt

extension DomainHandle {
    /// Reads named values of the running domain; blocks.
    ///
    /// - Parameters:
    ///   - function: The C function.
    ///   - room: How many values it may write; the remote protocol has a bound for each.
    ///   - ask: Calls it.
    /// - Returns: The values by name.
    /// - Throws: ``LibvirtError``.
    borrowing func parameters(
        _ function: String,
        room: Int32 = 16,
        _ ask: (OpaquePointer, virTypedParameterPtr?, UnsafeMutablePointer<Int32>, UInt32) -> Int32
    ) throws(LibvirtError) -> [String: TypedValue] {
        let context = CallContext(function, uuid)
        return try unsafe withPointer { domain throws(LibvirtError) in
            try unsafe TypedParameters.read(room: room) { list, count throws(LibvirtError) in
                try context.check(unsafe ask(domain, list, count, VIR_DOMAIN_AFFECT_LIVE.rawValue))
            }
        }
    }

    /// Sets named values of the running domain and nothing else; blocks.
    ///
    /// - Parameters:
    ///   - function: The C function.
    ///   - settings: The values.
    ///   - send: Calls it.
    /// - Throws: ``LibvirtError``.
    borrowing func set(
        _ function: String,
        _ settings: [NamedSetting],
        _ send: (OpaquePointer, virTypedParameterPtr?, Int32, UInt32) -> Int32
    ) throws(LibvirtError) {
        let context = CallContext(function, uuid)
        let parameters = try TypedParameters(settings, for: context)
        try unsafe withPointer { domain throws(LibvirtError) in
            try unsafe parameters.withList { list, count throws(LibvirtError) in
                _ = try context.check(unsafe send(domain, list, count, VIR_DOMAIN_AFFECT_LIVE.rawValue))
            }
        }
    }
}
