public import Signals

/// What makes the frames: the sampler on a real host, the scripted host in the demo and in tests.
public protocol FrameSource: AnyObject {
    /// The frame of the last tick.
    var frame: Frame { get }

    /// Reads everything anew into ``frame``.
    ///
    /// - Parameter time: The moment of the tick.
    func tick(at time: MonotonicTime)

    /// Notes the cap that Quell holds a VM to, so that its own throttle is never taken for somebody else's doing.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - cores: The cap in cores, or `nil` once it is let go.
    func hold(_ vm: VMIdentity, cores: Double?)
}
