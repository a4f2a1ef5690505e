public import Enforcement
public import Signals
import Systemd

/// What a release did: the answer to `quell release`.
public struct ReleaseReport: Codable, Sendable, Equatable {
    /// VMs that have back what they had before.
    public var released: [String] = []
    /// VMs whose value somebody else has set meanwhile, with that value; it was left alone.
    public var handedOver: [String] = []
    /// VMs that could not be let go, with the reason.
    public var failed: [String] = []
    /// VMs that have back what they had before, but whose lease is watched for a while yet: a change that was under way
    /// when the daemon died may still come, and would be undone.
    public var watched: [String] = []
    /// Holds that are still in force or could not be given back in full, one for each VM and contention.
    public var stillHeld = 0
    /// Their leases, one for each thing that is not as it was before.
    public var leasesLeft = 0

    /// What a list of lease events amounts to.
    ///
    /// - Parameters:
    ///   - events: The events.
    ///   - open: The leases that are still open.
    ///   - watched: Those of them whose VM has what it had before.
    public init(_ events: [LeaseEvent], open: [Lease], watched: [Lease]) {
        self.watched = Self.once(watched.map(\.name))
        let watchedHolds = Set(watched.map(\.hold))
        let left = open.filter { !watchedHolds.contains($0.hold) }
        self.stillHeld = Set(left.map(\.hold)).count
        self.leasesLeft = left.count
        let isWatched = Set(watched.map(\.vm))
        for event in events {
            if case .failed(let key, _, _) = event, isWatched.contains(key.vm) { continue }
            switch event {
            case .released(_, let name, _, _): released.append(name)
            case .handedOver(_, let name, _, let found): handedOver.append("\(name) (\(found))")
            case .failed(_, let name, let reason): failed.append("\(name): \(reason)")
            case .granted, .adjusted, .wouldHold, .wouldRelease: break
            }
        }
        released = Self.once(released)
    }

    /// Each name once, since a VM may be held over several things.
    private static func once(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// Whether there was nothing to do.
    public var isEmpty: Bool {
        released.isEmpty && handedOver.isEmpty && failed.isEmpty && watched.isEmpty && stillHeld == 0
    }
}

extension ReleaseReport: CustomStringConvertible {
    /// The report as people read it.
    public var description: String {
        if isEmpty { return "nobody is held" }
        var lines = released.map { "released \($0)" }
        lines += handedOver.map { "left alone, set by somebody else meanwhile: \($0)" }
        lines += watched.map {
            "released \($0); its lease is kept for a minute, in case a change that was under way still comes"
        }
        lines += failed.map { "FAILED \($0)" }
        if stillHeld > 0 { lines.append("\(stillHeld) still held, \(leasesLeft) leases open; see quell leases") }
        return lines.map { PlainText.line($0) }.joined(separator: "\n")
    }
}
