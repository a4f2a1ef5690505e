/// What goes on on a generated host.
public enum MatrixScenario: String, CaseIterable, Sendable {
    /// One VM takes far more of the resource.
    case single
    /// Two VMs do, at nearly the same time.
    case two
    /// One VM does, on and off, to hide.
    case alternating
    /// Several VMs of one tenant do it together, none of them much by itself.
    case spread
    /// The culprit is itself hurt by another VM over another resource.
    case victimToo = "victim-too"
    /// A VM hurts only itself: by its own demand, its own quota or a job.
    case own
    /// All VMs want more at once.
    case everybody
    /// What is not a VM takes the resource, or a VM under a job of its operator's does.
    case outside
    /// The same, while a VM that shares nothing with those hurt gets busy at the same moment.
    case coincident
    /// Usual load.
    case calm

    /// Whether somebody is to blame.
    public var hasCulprit: Bool {
        switch self {
        case .single, .two, .alternating, .spread, .victimToo: true
        case .own, .everybody, .outside, .coincident, .calm: false
        }
    }
}
