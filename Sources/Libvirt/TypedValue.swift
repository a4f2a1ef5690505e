/// One value out of libvirt's lists of named values (`virTypedParameter`).
enum TypedValue: Sendable, Equatable {
    /// A signed number.
    case int(Int64)
    /// An unsigned number.
    case uint(UInt64)
    /// A fraction.
    case double(Double)
    /// Yes or no.
    case bool(Bool)
    /// A text.
    case string(String)

    /// The value as a count; `nil` where it is negative or no whole number.
    var count: UInt64? {
        switch self {
        case .int(let value): UInt64(exactly: value)
        case .uint(let value): value
        case .double, .bool, .string: nil
        }
    }

    /// The value as a signed number; `nil` where it does not fit.
    var signed: Int64? {
        switch self {
        case .int(let value): value
        case .uint(let value): Int64(exactly: value)
        case .double, .bool, .string: nil
        }
    }

    /// The value as yes or no.
    var flag: Bool? {
        switch self {
        case .bool(let value): value
        case .int, .uint, .double, .string: nil
        }
    }

    /// The value as a text.
    var text: String? {
        switch self {
        case .string(let value): value
        case .int, .uint, .double, .bool: nil
        }
    }
}
