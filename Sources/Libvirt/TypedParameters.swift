internal import CLibvirt

/// A list of named values that libvirt allocated; freed with the value.
@safe struct TypedParameters: ~Copyable {
    let pointer: virTypedParameterPtr?
    let count: Int32

    /// Takes a list over, `count` values long.
    @unsafe init(owning pointer: virTypedParameterPtr?, count: Int32) {
        unsafe self.pointer = pointer
        self.count = count
    }

    deinit {
        // SAFETY: the list is owned by self alone; libvirt frees the texts in it too.
        unsafe virTypedParamsFree(pointer, count)
    }

    /// Copies every value out.
    borrowing func forEach(_ body: (_ name: String, _ value: TypedValue) -> Void) {
        unsafe Self.forEach(pointer, count, body)
    }

    /// The value of that name; `nil` where the list has none.
    borrowing func value(_ name: String) -> TypedValue? {
        var found: TypedValue?
        forEach { if $0 == name { found = $1 } }
        return found
    }

    /// Copies every value out of a list that somebody else owns.
    @unsafe static func forEach(
        _ pointer: virTypedParameterPtr?,
        _ count: Int32,
        _ body: (_ name: String, _ value: TypedValue) -> Void
    ) {
        guard let pointer = unsafe pointer, count > 0 else { return }
        for index in 0..<Int(count) {
            // SAFETY: libvirt promises `count` values; the type says which member of the union is set.
            let item = unsafe pointer + index
            let name = unsafe withUnsafePointer(to: &item.pointee.field) { field in
                unsafe field.withMemoryRebound(to: UInt8.self, capacity: fieldLength) { bytes in
                    let bytes = unsafe UnsafeBufferPointer(start: bytes, count: fieldLength)
                    return unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
            }
            if let value = unsafe value(item) { body(name, value) }
        }
    }

    /// Bytes of a value's name with its end (`VIR_TYPED_PARAM_FIELD_LENGTH`).
    private static let fieldLength = 80

    @unsafe private static func value(_ item: virTypedParameterPtr) -> TypedValue? {
        let value = unsafe item.pointee.value
        switch virTypedParameterType(UInt32(bitPattern: unsafe item.pointee.type)) {
        case VIR_TYPED_PARAM_INT: return unsafe .int(Int64(value.i))
        case VIR_TYPED_PARAM_UINT: return unsafe .uint(UInt64(value.ui))
        case VIR_TYPED_PARAM_LLONG: return unsafe .int(value.l)
        case VIR_TYPED_PARAM_ULLONG: return unsafe .uint(value.ul)
        case VIR_TYPED_PARAM_DOUBLE: return unsafe .double(value.d)
        case VIR_TYPED_PARAM_BOOLEAN: return unsafe .bool(value.b != 0)
        case VIR_TYPED_PARAM_STRING:
            guard let text = unsafe value.s else { return nil }
            return unsafe .string(String(cString: text))
        default: return nil
        }
    }
}
