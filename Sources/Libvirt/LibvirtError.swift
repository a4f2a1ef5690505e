/// Why a libvirt call gave no answer.
public struct LibvirtError: Error, Sendable, Equatable {
    /// The kinds of failure that callers tell apart.
    public enum Code: Sendable, Hashable {
        /// The domain is gone or was never there; normal when a VM stops between two calls.
        case noDomain
        /// The domain is in no state for this call, for instance not running.
        case operationInvalid
        /// The connection may not do this: read-only, or a policy of the host forbids it.
        case denied
        /// The driver has no such call or parameter.
        case unsupported
        /// libvirt refused a value.
        case invalidArgument
        /// libvirt itself gave up waiting, as it does when another job holds the domain.
        case timedOut
        /// The guest agent does not answer or is out of step.
        case agentBusy
        /// The resource is in use.
        case resourceBusy
        /// What libvirt returned is not what its documents promise, or is too large to read safely.
        case malformed
        /// There is no connection to libvirt.
        case disconnected
        /// The call took longer than its deadline and may still take effect: its outcome is unknown.
        case deadline
        /// No worker is free to make the call, because earlier calls have not returned; nothing was done.
        case busy
        /// The VM failed to answer too often of late, so it is left alone for a while; nothing was done.
        case circuitOpen
        /// The task that asked was cancelled; the call may still take effect.
        case cancelled
        /// Any other failure, by libvirt's own number (`virErrorNumber`).
        case other(Int32)
    }

    /// The kind of failure.
    public let code: Code
    /// The reason in libvirt's words, or in Quell's where libvirt was not reached; one line.
    public let message: String
    /// The C function that was called and the domain it was called for.
    public let context: String
    /// Whether one of several calls had been made when the next one failed, and could not be taken back.
    public private(set) var isPartlyDone = false

    /// A failure; texts of several lines, and those that hold control characters, are made one plain line.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: The reason in words.
    ///   - context: The C function that was called and the domain it was called for.
    public init(code: Code, message: String, context: String) {
        self.code = code
        self.message = LineText.line(message)
        self.context = LineText.line(context)
    }

    /// Whether the call may have taken effect although it failed.
    public var outcomeUnknown: Bool {
        if isPartlyDone { return true }
        switch code {
        case .deadline, .cancelled, .disconnected, .timedOut: return true
        case .noDomain, .operationInvalid, .denied, .unsupported, .invalidArgument, .agentBusy, .resourceBusy,
            .malformed, .busy, .circuitOpen, .other:
            return false
        }
    }

    /// The same failure of a change of which a part is in force.
    func partlyDone() -> LibvirtError {
        var error = self
        error.isPartlyDone = true
        return error
    }
}

extension LibvirtError: CustomStringConvertible {
    /// The failure in one line: context, kind and reason.
    public var description: String {
        "\(context): \(message) (\(code))\(isPartlyDone ? ", and a part of it is in force" : "")"
    }
}
