/// What truly went on in one stretch of a trace, written down before anybody judged it.
public struct Truth: Codable, Equatable, Sendable {
    /// What must be made of it.
    public enum Answer: String, Codable, CaseIterable, Sendable {
        /// Somebody hurts others: one of the guilty must be held back, and nobody else.
        case hold
        /// Somebody misbehaves: one of the guilty must be named; holding a guilty one is no mistake.
        case tell
        /// Nobody is guilty: nobody may be held.
        case nothing
    }

    /// Its name, such as `square-wave`.
    public var name: String
    /// Which repetition it is, from 1.
    public var round: Int
    /// What must be made of it.
    public var answer: Answer
    /// When it began, in seconds on the clock of the trace's frames (`CLOCK_BOOTTIME`).
    public var begin: Double
    /// When it ended.
    public var end: Double
    /// The UUIDs of the guilty VMs; empty where nobody is.
    public var guilty: [String]

    /// A stretch of a trace.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - round: Which repetition it is, from 1.
    ///   - answer: What must be made of it.
    ///   - begin: When it began, in seconds on the clock of the frames.
    ///   - end: When it ended.
    ///   - guilty: The UUIDs of the guilty VMs.
    public init(name: String, round: Int, answer: Answer, begin: Double, end: Double, guilty: [String]) {
        self.name = name
        self.round = round
        self.answer = answer
        self.begin = begin
        self.end = end
        self.guilty = guilty
    }
}

/// Somebody's decision to hold a VM back.
public struct Decision: Equatable, Sendable {
    /// The VM's UUID.
    public var vm: String
    /// When, in seconds on the clock of the trace's frames.
    public var second: Double

    /// A decision.
    ///
    /// - Parameters:
    ///   - vm: The VM's UUID.
    ///   - second: When, in seconds on the clock of the frames.
    public init(vm: String, second: Double) {
        self.vm = vm
        self.second = second
    }
}
