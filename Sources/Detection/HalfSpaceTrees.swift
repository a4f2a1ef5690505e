import Signals

/// The shape of streaming half-space trees, which does not depend on the data and is shared by all VMs.
///
/// Tan, Ting and Liu, "Fast Anomaly Detection for Streaming Data", IJCAI'11, algorithm 1: each tree takes for each
/// dimension `q` of the unit cube a random `s_q` in it and the work range `s_q ± 2 max(s_q, 1 - s_q)`; each node halves
/// the work range of a random dimension. The masses, which are all that is learned, are kept in ``Forests``.
public struct HalfSpaceTrees: Sendable {
    /// How many, how deep and how much they remember.
    public struct Tuning: Equatable, Sendable {
        /// Trees, 1 to 255.
        public let trees: Int
        /// Levels of splits, 1 to 12.
        public let depth: Int
        /// `ψ`: points in a window, 1 to 255, so that a mass is one byte.
        public let window: Int
        /// What the splits are drawn from.
        public let seed: UInt64

        /// A tuning; values out of range are moved into it.
        ///
        /// - Parameters:
        ///   - trees: Trees.
        ///   - depth: Levels of splits.
        ///   - window: Points in a window.
        ///   - seed: What the splits are drawn from.
        public init(trees: Int = 25, depth: Int = 5, window: Int = 250, seed: UInt64 = 1) {
            self.trees = min(max(1, trees), 255)
            self.depth = min(max(1, depth), 12)
            self.window = min(max(1, window), 255)
            self.seed = seed
        }
    }

    /// How it was drawn.
    public let tuning: Tuning
    /// Dimensions of a point, 1 to 255.
    public let dimensions: Int
    /// Inner nodes of a tree: the children of `i` are `2 i + 1` and `2 i + 2`.
    let inner: Int
    /// All nodes of a tree.
    let nodes: Int
    /// The dimension that each inner node splits, tree by tree.
    let splitDimensions: [UInt8]
    /// Where it splits it.
    let splits: [Float]

    /// Draws the trees.
    ///
    /// - Parameters:
    ///   - dimensions: Dimensions of a point; moved into 1 to 255.
    ///   - tuning: How many and how deep.
    public init(dimensions: Int, tuning: Tuning = .init()) {
        let dimensions = min(max(1, dimensions), 255)
        self.tuning = tuning
        self.dimensions = dimensions
        inner = 1 << tuning.depth - 1
        nodes = 2 << tuning.depth - 1
        var random = SplitMix64(seed: tuning.seed)
        var splitDimensions: [UInt8] = []
        var splits: [Float] = []
        var low = [[Float]](repeating: [Float](repeating: 0, count: dimensions), count: inner)
        var high = low
        for _ in 0..<tuning.trees {
            for dimension in 0..<dimensions {
                let start = Float(random.uniform())
                let reach = 2 * max(start, 1 - start)
                low[0][dimension] = start - reach
                high[0][dimension] = start + reach
            }
            for node in 0..<inner {
                let dimension = Int(random.next() % UInt64(dimensions))
                let middle = (low[node][dimension] + high[node][dimension]) / 2
                splitDimensions.append(UInt8(dimension))
                splits.append(middle)
                guard 2 * node + 2 < inner else { continue }
                for child in [2 * node + 1, 2 * node + 2] {
                    low[child] = low[node]
                    high[child] = high[node]
                }
                high[2 * node + 1][dimension] = middle
                low[2 * node + 2][dimension] = middle
            }
        }
        self.splitDimensions = splitDimensions
        self.splits = splits
    }
}
