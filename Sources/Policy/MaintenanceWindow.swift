public import Signals

/// A stretch of the week, in UTC, in which Quell watches only or holds nobody at all, such as while backups run.
public struct MaintenanceWindow: Equatable, Sendable {
    /// What Quell does in it.
    public enum Effect: String, Sendable, CaseIterable {
        /// It begins no hold and takes no step down; holds that there are go on to their end.
        case observe
        /// It also lets go of all whom it holds.
        case release
    }

    /// A day of the week.
    public enum Day: String, Sendable, CaseIterable {
        case monday = "mon", tuesday = "tue", wednesday = "wed", thursday = "thu", friday = "fri", saturday = "sat"
        case sunday = "sun"
    }

    /// Its name, for people.
    public var name: String
    /// The days on which it begins; all of them by default.
    public var days: Set<Day> = Set(Day.allCases)
    /// The minute of the day at which it begins, 0 to 1,439.
    public var from: Int
    /// The minute of the day at which it ends, 0 to 1,440, and the next day where it is not after `from`.
    public var to: Int
    /// What Quell does in it.
    public var effect: Effect
    /// The VMs that it is for, by name or UUID text; with the two below it is for all where none is given.
    public var vms: Set<String> = []
    /// The tenants that it is for.
    public var tenants: Set<String> = []
    /// The workload classes that it is for.
    public var classes: Set<String> = []

    /// A window on every day and for every VM.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - from: The minute of the day at which it begins.
    ///   - to: The minute of the day at which it ends.
    ///   - effect: What Quell does in it.
    public init(name: String, from: Int, to: Int, effect: Effect) {
        self.name = name
        self.from = from
        self.to = to
        self.effect = effect
    }
}

/// What a ladder must be told beside a frame, since it asks nobody: what hour it is and whether it may act at all.
public struct LadderCircumstances: Equatable, Sendable {
    /// Nanoseconds since 1970 on the wall clock; `nil` where it is not known, which counts as within every window that
    /// observes.
    public var wall: Int64?
    /// Whether the kill switch is thrown: everybody is let go and nobody is held.
    public var isDisarmed: Bool

    /// Circumstances.
    ///
    /// - Parameters:
    ///   - wall: Nanoseconds since 1970 on the wall clock.
    ///   - isDisarmed: Whether the kill switch is thrown.
    public init(wall: Int64? = nil, isDisarmed: Bool = false) {
        self.wall = wall
        self.isDisarmed = isDisarmed
    }
}

/// Why the ladder did nothing about somebody who is blamed, for `quell explain`.
public struct Refusal: Equatable, Sendable {
    /// The VM that is blamed.
    public var culprit: VMIdentity
    /// The VM that is hurt.
    public var victim: VMIdentity
    /// The rule that found it hurt.
    public var rule: String
    /// Why nothing is done, as the end of a sentence.
    public var reason: String

    /// A refusal.
    ///
    /// - Parameters:
    ///   - culprit: The VM that is blamed.
    ///   - victim: The VM that is hurt.
    ///   - rule: The rule.
    ///   - reason: Why nothing is done.
    public init(culprit: VMIdentity, victim: VMIdentity, rule: String, reason: String) {
        self.culprit = culprit
        self.victim = victim
        self.rule = rule
        self.reason = reason
    }
}
