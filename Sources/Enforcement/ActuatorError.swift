/// Why a knob could not be read or set.
public enum ActuatorError: Error, Equatable, Sendable {
    /// The VM does not run any more.
    case vmGone
    /// A VM of this UUID runs, but it is another start of it.
    case generationChanged
    /// The disk, the interface or the device that is meant is not there any more: nothing was changed.
    case partGone(String)
    /// The hypervisor said no: nothing was changed.
    case refused(String)
    /// The hypervisor could not be asked: nothing was changed.
    case unavailable(String)
    /// The hypervisor was asked and did not answer in time: the change may have been made, or may still be made.
    case unknown(String)
}

extension ActuatorError: CustomStringConvertible {
    /// What went wrong, as the end of a sentence.
    public var description: String {
        switch self {
        case .vmGone: "the VM does not run any more"
        case .generationChanged: "the VM has been started again since"
        case .partGone(let text): "it is not there any more: \(text)"
        case .refused(let text): "the hypervisor refused: \(text)"
        case .unavailable(let text): "the hypervisor cannot be reached: \(text)"
        case .unknown(let text): "the hypervisor did not answer in time: \(text)"
        }
    }
}
