public import Signals

/// A rule of another system of our field, as published, that decides from a trace whom it would hold back.
///
/// It is a baseline: it sees the same frames as Quell and nothing of what Quell makes of them.
public protocol PeerRule {
    /// What it is called in a table.
    var title: String { get }

    /// Takes one frame.
    ///
    /// - Parameter frame: The frame.
    /// - Returns: The rows of the VMs that it would hold back now.
    mutating func judge(_ frame: Frame) -> [VMSlot]
}

/// All of them, in the order of a table.
public enum Peers {
    /// The rules, none of which has seen anything.
    public static var all: [any PeerRule] {
        [
            CorrelatedOutliers(sampling: .everyMinute), CorrelatedOutliers(sampling: .everyFrame), StalledVictim(),
            BusiestVM(), PressureAbove(.memory), PressureAbove(.storage), PressureAbove(.cpu),
        ]
    }
}

/// A value that follows a share as the kernel's ten-second average of pressure does (`psi.rst`).
struct TenSecondAverage {
    /// The average.
    private(set) var value = 0.0

    /// Takes the share of an interval.
    ///
    /// - Parameters:
    ///   - share: The share of the time, 0 to 1.
    ///   - seconds: How long the interval was.
    mutating func take(_ share: Double, over seconds: Double) {
        let kept = seconds <= 0 ? 1 : 1 / (1 + seconds / 10 + seconds * seconds / 200)
        value = value * kept + share * (1 - kept)
    }
}
