public import Signals

/// What makes the frames: the sampler on a real host, the scripted host in the demo and in tests.
public protocol FrameSource: AnyObject {
    /// The frame of the last tick.
    var frame: Frame { get }

    /// Reads everything anew into ``frame``.
    ///
    /// - Parameters:
    ///   - time: The moment of the tick.
    ///   - lag: Seconds by which the tick began late, where that is known.
    func tick(at time: MonotonicTime, lag: Double?)

    /// Has everything of a VM read in the next ticks, since a rule fires on it.
    ///
    /// - Parameter slot: Its row in the frame.
    func attend(_ slot: VMSlot)

    /// Notes that Quell holds a VM back, so that its own throttle is never taken for somebody else's doing.
    ///
    /// - Parameter order: What is in force.
    func hold(_ order: HoldOrder)

    /// Notes that Quell holds a VM back no more over a contention.
    ///
    /// - Parameter key: The hold that is over.
    func letGo(_ key: HoldKey)
}

extension FrameSource {
    /// Does nothing: everything is read in every tick anyway.
    ///
    /// - Parameter slot: The VM's row.
    public func attend(_ slot: VMSlot) {}
}
