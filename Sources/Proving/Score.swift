/// How good decisions were, against the truth.
///
/// A decision belongs to the stretch that began last; of several about the same VM in one stretch the first counts. One
/// before the first stretch is wrong. It is right where the VM is guilty in that stretch.
public struct Score: Equatable, Sendable {
    /// Stretches in which somebody had to be held.
    public private(set) var noisy = 0
    /// Those of them in which a guilty VM was held.
    public private(set) var answered = 0
    /// Decisions about guilty VMs.
    public private(set) var right = 0
    /// Decisions about VMs that were not guilty.
    public private(set) var wrong = 0
    /// Of those, how many were made where nobody was guilty.
    public private(set) var wrongInPeace = 0
    /// Stretches in which nobody was guilty.
    public private(set) var peaceful = 0
    /// Seconds from the beginning of a stretch to the first right decision, in order.
    public private(set) var delays: [Double] = []
    /// The names of the stretches that were not answered.
    public private(set) var missed: [String] = []

    /// Judges decisions.
    ///
    /// - Parameters:
    ///   - decisions: The decisions, in any order.
    ///   - truths: The stretches, in any order.
    public init(_ decisions: [Decision], against truths: [Truth]) {
        let truths = truths.sorted { $0.begin < $1.begin }
        var seen: [Set<String>] = truths.map { _ in [] }
        var first: [Double?] = truths.map { _ in nil }
        for decision in decisions.sorted(by: { $0.second < $1.second }) {
            guard let index = truths.lastIndex(where: { $0.begin <= decision.second }) else {
                wrong += 1
                wrongInPeace += 1
                continue
            }
            guard seen[index].insert(decision.vm).inserted else { continue }
            let truth = truths[index]
            if truth.guilty.contains(decision.vm) {
                right += 1
                if first[index] == nil { first[index] = decision.second - truth.begin }
            } else {
                wrong += 1
                if truth.guilty.isEmpty { wrongInPeace += 1 }
            }
        }
        for (truth, first) in zip(truths, first) {
            switch truth.answer {
            case .hold:
                noisy += 1
                if let first {
                    answered += 1
                    delays.append(first)
                } else {
                    missed.append(truth.name)
                }
            case .nothing: peaceful += 1
            case .tell: break
            }
        }
        delays.sort()
    }

    /// The share of decisions that were right; `nil` where there was none.
    public var precision: Double? { right + wrong == 0 ? nil : Double(right) / Double(right + wrong) }

    /// The share of noisy stretches that were answered; `nil` where there was none.
    public var recall: Double? { noisy == 0 ? nil : Double(answered) / Double(noisy) }

    /// The delay that so large a share of the answers kept within, by nearest rank; `nil` where there was none.
    ///
    /// - Parameter share: The share, above 0 to 1.
    /// - Returns: Seconds.
    public func delay(_ share: Double) -> Double? { Self.rank(share, of: delays) }

    /// The value that so large a share of values are at most, by nearest rank; `nil` where there is none.
    ///
    /// - Parameters:
    ///   - share: The share, above 0 to 1.
    ///   - values: The values, in any order.
    /// - Returns: One of them.
    public static func rank(_ share: Double, of values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let rank = Int((share * Double(values.count)).rounded(.up))
        return values.sorted()[min(values.count, max(1, rank)) - 1]
    }
}
