public import Libvirt
public import Signals

/// One VM to be asked about now.
public struct SlowQuestion: Equatable, Sendable {
    /// The VM.
    public var vm: VMIdentity
    /// What to ask for; with ``StatsGroups/dirtyRate`` among others a measurement is to be begun.
    public var groups: StatsGroups
    /// Whether it must not share a call with others, because it did not answer of late.
    public var isAlone: Bool
    /// Whether the result of a measurement of the dirty rate is to be fetched.
    public var isResult: Bool
    /// Whether nothing is asked but whether QEMU answers: ``StatsGroups/dirtyRate`` is its cheapest question, and what it
    /// says of a measurement is passed over.
    public var isProbe: Bool

    /// A question.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - groups: What to ask for.
    ///   - isAlone: Whether it must not share a call with others.
    ///   - isResult: Whether the result of a measurement is to be fetched.
    ///   - isProbe: Whether nothing is asked but whether QEMU answers.
    public init(
        vm: VMIdentity,
        groups: StatsGroups,
        isAlone: Bool = false,
        isResult: Bool = false,
        isProbe: Bool = false
    ) {
        self.vm = vm
        self.groups = groups
        self.isAlone = isAlone
        self.isResult = isResult
        self.isProbe = isProbe
    }

    /// Whether a measurement of the dirty rate is to be begun.
    public var beginsMeasurement: Bool { groups.contains(.dirtyRate) && !isResult && !isProbe }

    /// The groups that the call for figures asks for.
    public var stats: StatsGroups { isResult || isProbe ? groups : groups.subtracting(.dirtyRate) }

    /// The groups whose figures are used.
    public var used: StatsGroups { isProbe ? stats.subtracting(.dirtyRate) : stats }

    /// Puts questions together that one call can ask: the same groups, at most so many VMs.
    ///
    /// - Parameters:
    ///   - questions: The questions.
    ///   - limit: VMs that one call asks for, at most.
    /// - Returns: The calls, in the order of their first questions.
    public static func batches(_ questions: [SlowQuestion], of limit: Int) -> [[SlowQuestion]] {
        var batches: [[SlowQuestion]] = []
        var open: [UInt32: Int] = [:]
        for question in questions {
            if question.isAlone {
                batches.append([question])
                continue
            }
            let key = question.stats.rawValue
            if let place = open[key], batches[place].count < max(1, limit) {
                batches[place].append(question)
            } else {
                open[key] = batches.count
                batches.append([question])
            }
        }
        return batches
    }
}
