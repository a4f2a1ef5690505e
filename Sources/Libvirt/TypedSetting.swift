/// A value that is sent to libvirt, of the type that libvirt demands of it (`virTypedParameterType`).
enum TypedSetting: Sendable, Equatable {
    /// An unsigned number of 32 bits.
    case uint(UInt32)
    /// A signed number of 64 bits.
    case long(Int64)
    /// An unsigned number of 64 bits.
    case ulong(UInt64)
    /// A text.
    case text(String)
}

/// A value with the name that libvirt knows it by.
struct NamedSetting: Sendable, Equatable {
    /// The name.
    let name: String
    /// The value.
    let value: TypedSetting

    /// Names a value.
    init(_ name: String, _ value: TypedSetting) {
        self.name = name
        self.value = value
    }
}
