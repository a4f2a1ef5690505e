internal import CKernel

/// Why a call of NVML gave no answer.
public struct NVMLError: Error, Sendable, Equatable {
    /// The kinds of failure that callers tell apart.
    public enum Code: Sendable, Hashable {
        /// The library is not there or cannot be loaded.
        case noLibrary
        /// The library does not have the function.
        case noFunction
        /// The device does not give it, as it is or as it is set up.
        case notSupported
        /// This process may not ask.
        case noPermission
        /// The driver is not loaded.
        case driverNotLoaded
        /// The library and the loaded driver are of different releases, as after an upgrade without a reboot.
        case versionMismatch
        /// What was asked about is not there: it has ended since, or NVML does not see it.
        case notFound
        /// The GPU has fallen off the bus, must be reset, or was taken away with the library's state.
        case lost
        /// There is nothing to tell within the time given.
        case timeout
        /// The library does not take the arguments, as with the handle of a device that was removed.
        case invalidArgument
        /// What the library returned is not what its reference promises.
        case malformed
        /// Any other failure, by NVML's own number (`nvmlReturn_t`).
        case other(UInt32)
    }

    /// The kind of failure.
    public let code: Code
    /// The C function that was called.
    public let function: String
    /// The reason in NVML's words, or in Quell's where NVML was not reached.
    public let message: String

    /// A failure.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - function: The C function that was called.
    ///   - message: The reason in words.
    public init(_ code: Code, in function: String, _ message: String) {
        self.code = code
        self.function = function
        self.message = message
    }

    /// Whether asking again gives nothing either while host, driver and device stay as they are.
    public var isLasting: Bool {
        switch code {
        case .noLibrary, .noFunction, .notSupported, .noPermission, .driverNotLoaded, .versionMismatch: true
        case .notFound, .lost, .timeout, .invalidArgument, .malformed, .other: false
        }
    }
}

extension NVMLError: CustomStringConvertible {
    /// The failure in one line: function, reason and kind.
    public var description: String { "\(function): \(message) (\(code))" }
}

extension NVMLError.Code {
    /// Translates NVML's number.
    init(number: UInt32) {
        switch Int(number) {
        case QUELL_NVML_UNINITIALIZED, QUELL_NVML_GPU_IS_LOST, QUELL_NVML_RESET_REQUIRED, QUELL_NVML_GPU_NOT_FOUND:
            self = .lost
        case QUELL_NVML_INVALID_ARGUMENT: self = .invalidArgument
        case QUELL_NVML_NOT_SUPPORTED, QUELL_NVML_DEPRECATED, QUELL_NVML_ARGUMENT_VERSION_MISMATCH:
            self = .notSupported
        case QUELL_NVML_NO_PERMISSION: self = .noPermission
        case QUELL_NVML_NOT_FOUND: self = .notFound
        case QUELL_NVML_DRIVER_NOT_LOADED: self = .driverNotLoaded
        case QUELL_NVML_TIMEOUT: self = .timeout
        case QUELL_NVML_FUNCTION_NOT_FOUND: self = .noFunction
        case QUELL_NVML_VERSION_MISMATCH: self = .versionMismatch
        default: self = .other(number)
        }
    }
}
