/// A second signal that must be at a bound too for a rule to breach.
///
/// One counter alone seldom tells abuse from honest work: a busy VM is no miner, a busy VM without storage, network or
/// kernel time may be one. A companion that is not observable, or whose reading is too old, does not hold.
public struct Companion: Hashable, Sendable {
    /// The signal.
    public var signal: Signal
    /// Whether it must be at or above the bound; else at or below.
    public var isAbove: Bool
    /// The bound, in the signal's base unit, or as a part of the VM's vCPUs where ``perVCPU`` is set.
    public var bound: Double
    /// Whether the bound is for each vCPU.
    public var perVCPU: Bool

    /// A companion.
    ///
    /// - Parameters:
    ///   - signal: The signal.
    ///   - isAbove: Whether it must be at or above the bound; else at or below.
    ///   - bound: The bound.
    ///   - perVCPU: Whether the bound is for each vCPU.
    public init(_ signal: Signal, isAbove: Bool, bound: Double, perVCPU: Bool = false) {
        self.signal = signal
        self.isAbove = isAbove
        self.bound = bound
        self.perVCPU = perVCPU
    }

    /// Whether a reading is at the bound or beyond it.
    ///
    /// - Parameters:
    ///   - value: The reading, in the signal's base unit.
    ///   - vcpus: The VM's vCPUs.
    /// - Returns: Whether the companion holds.
    public func holds(_ value: Double, vcpus: Int) -> Bool {
        let bound = perVCPU ? bound * Double(vcpus) : bound
        return isAbove ? value >= bound : value <= bound
    }
}
