public import Signals

extension Signal {
    /// Whether libvirt may be the one that tells it, so that it may be old where libvirt does not answer.
    public var isOfSlowTier: Bool { SlowTier.tells(self) }
}
