import Signals

/// Which series the rings hold of every VM: what the victim rules in force need, and no more.
struct Layout: Equatable, Sendable {
    /// The uses, in the order of their columns.
    private(set) var uses: [Use] = []
    /// The signals by which victims suffer; their columns follow those of the uses.
    private(set) var sufferings: [Signal] = []

    /// A layout without a series.
    init() {}

    /// What rules need.
    ///
    /// - Parameter rules: The rules in force.
    init(_ rules: [Rule]) {
        for rule in rules where rule.role == .victim {
            let resources = Resource.all(suffering: rule.signal)
            if resources.isEmpty { continue }
            if !sufferings.contains(rule.signal) { sufferings.append(rule.signal) }
            for resource in resources where !uses.contains(resource.use) { uses.append(resource.use) }
        }
    }

    /// How many series there are.
    var count: Int { uses.count + sufferings.count }

    /// The column of a use; `nil` where no rule needs it.
    func column(_ use: Use) -> Int? { uses.firstIndex(of: use) }

    /// The column of a suffering; `nil` where no rule watches it.
    func column(_ signal: Signal) -> Int? { sufferings.firstIndex(of: signal).map { $0 + uses.count } }

    /// The column in another layout of what is in a column here; `nil` where the other has no such series.
    func column(_ column: Int, in other: Layout) -> Int? {
        column < uses.count ? other.column(uses[column]) : other.column(sufferings[column - uses.count])
    }
}
