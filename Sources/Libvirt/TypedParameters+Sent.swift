internal import CLibvirt

extension TypedParameters {
    /// A list of values to be sent, in their order.
    ///
    /// The corresponding C functions are `virTypedParamsAddUInt` and its kin.
    init(_ settings: [NamedSetting], for context: CallContext) throws(LibvirtError) {
        var list: virTypedParameterPtr?
        var count: Int32 = 0
        var room: Int32 = 0
        var status: Int32 = 0
        for setting in settings where status == 0 {
            // SAFETY: libvirt grows the list, copies names and texts, and keeps both counts.
            switch setting.value {
            case .uint(let value): status = unsafe virTypedParamsAddUInt(&list, &count, &room, setting.name, value)
            case .long(let value): status = unsafe virTypedParamsAddLLong(&list, &count, &room, setting.name, value)
            case .ulong(let value): status = unsafe virTypedParamsAddULLong(&list, &count, &room, setting.name, value)
            case .text(let text): status = unsafe virTypedParamsAddString(&list, &count, &room, setting.name, text)
            }
        }
        // The list is owned from here on and freed with the value, also where it did not get to its end.
        let (pointer, length) = unsafe (list, count)
        unsafe self.init(owning: pointer, count: length)
        guard status == 0 else { throw context.lastFailure() }
    }

    /// Lends the list to a libvirt call of this target; it must not leave the closure.
    borrowing func withList<Value>(
        _ body: (virTypedParameterPtr?, Int32) throws(LibvirtError) -> Value
    ) throws(LibvirtError) -> Value {
        try unsafe body(pointer, count)
    }

    /// The values by name that a getter writes into a list of the caller's.
    ///
    /// - Parameters:
    ///   - room: How many values the list has room for; the remote protocol bounds it for each getter.
    ///   - ask: Fills the list and sets the count to what it has filled.
    /// - Returns: The values.
    /// - Throws: What `ask` throws.
    static func read(
        room: Int32,
        _ ask: (virTypedParameterPtr?, UnsafeMutablePointer<Int32>) throws(LibvirtError) -> Void
    ) throws(LibvirtError) -> [String: TypedValue] {
        var list = unsafe [virTypedParameter](repeating: virTypedParameter(), count: Int(room))
        return try unsafe list.withUnsafeMutableBufferPointer { list throws(LibvirtError) in
            var count = room
            // SAFETY: libvirt writes at most `count` values and says how many; the texts in them are the caller's and
            // are freed once all values are copied.
            try unsafe ask(list.baseAddress, &count)
            count = min(count, room)
            var values: [String: TypedValue] = [:]
            unsafe forEach(list.baseAddress, count) { values[$0] = $1 }
            unsafe virTypedParamsClear(list.baseAddress, count)
            return values
        }
    }
}
