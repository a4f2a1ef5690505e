/// Why a call of libsystemd, or one that stands in for it, failed.
public struct SystemdError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call.
    public let call: String
    /// The error number (`errno(3)`), positive.
    public let number: Int32

    /// An error.
    ///
    /// - Parameters:
    ///   - call: The call.
    ///   - number: The error number, positive.
    public init(call: String, number: Int32) {
        self.call = call
        self.number = number
    }

    /// The call and the error number, for people.
    public var description: String { "\(call) failed with error \(number)" }

    /// Turns what a call of libsystemd returned into its value or an error.
    ///
    /// - Parameters:
    ///   - call: The call.
    ///   - result: What it returned: negative for `-errno`.
    /// - Returns: The result, 0 or more.
    /// - Throws: The error.
    static func check(_ call: String, _ result: Int32) throws(SystemdError) -> Int32 {
        guard result < 0 else { return result }
        throw SystemdError(call: call, number: result == .min ? .max : -result)
    }
}
