/// The masses of half-space trees for all VMs, by row, in flat arrays.
///
/// Tan, Ting and Liu (see ``HalfSpaceTrees``), algorithms 2 and 3: a node counts the points that pass through it, in
/// the latest window `l` and in the reference window `r` before it; after `ψ` points the latest becomes the reference.
/// A point falls through each tree to a leaf, or to the first node with `r ≤ 0.1 ψ`, at level `k`:
///
///     mass = mean over the trees of r × 2^k / ψ            score = 1 / (1 + mass)
///
/// The paper ranks by the sum of `r × 2^k`; the score is the same order turned round, and does not depend on `ψ`: 1
/// where no point was, 1/2 where points are as dense as if spread evenly, towards 0 where they crowd.
///
/// A row holds `2 × trees × nodes + 4 × dimensions` bytes and 4 of bookkeeping. A dimension that is missing keeps its
/// last value, so that a counter that is read seldom is no anomaly; one that was never seen is in the middle.
public struct Forests: Sendable {
    /// The trees.
    public let shape: HalfSpaceTrees
    /// The part of the window below which a node is not looked into.
    static let sizeLimit = 0.1

    /// Masses by row, window (two of them), tree and node.
    private var masses: [UInt8] = []
    /// The last value by row and dimension.
    private var last: [Float] = []
    /// Points in the latest window, by row.
    private var filled: [UInt8] = []
    /// Which of the two windows is the latest, 0 or 1, by row.
    private var latest: [UInt8] = []
    /// Whether there is a reference window, by row.
    private var ready: [Bool] = []

    /// A bank without rows.
    ///
    /// - Parameter shape: The trees.
    public init(shape: HalfSpaceTrees) {
        self.shape = shape
    }

    /// Rows there are.
    public var rows: Int { filled.count }

    /// Bytes of state of one row.
    public var bytesPerRow: Int { 2 * shape.tuning.trees * shape.nodes + 4 * shape.dimensions + 3 }

    /// Makes room for more rows; new ones know nothing.
    ///
    /// - Parameter count: Rows that there shall be at least.
    public mutating func grow(to count: Int) {
        guard count > rows else { return }
        let more = count - rows
        masses.reserveCapacity(count * 2 * shape.tuning.trees * shape.nodes)
        last.reserveCapacity(count * shape.dimensions)
        masses.append(contentsOf: repeatElement(0, count: more * 2 * shape.tuning.trees * shape.nodes))
        last.append(contentsOf: repeatElement(0.5, count: more * shape.dimensions))
        filled.append(contentsOf: repeatElement(0, count: more))
        latest.append(contentsOf: repeatElement(0, count: more))
        ready.append(contentsOf: repeatElement(false, count: more))
    }

    /// Forgets all of a row, for another VM.
    ///
    /// - Parameter row: The row; one that there is not is passed over.
    public mutating func reset(row: Int) {
        guard filled.indices.contains(row) else { return }
        let stride = 2 * shape.tuning.trees * shape.nodes
        for index in row * stride..<(row + 1) * stride { masses[index] = 0 }
        for index in row * shape.dimensions..<(row + 1) * shape.dimensions { last[index] = 0.5 }
        filled[row] = 0
        latest[row] = 0
        ready[row] = false
    }

    /// Scores one point and learns it.
    ///
    /// - Parameters:
    ///   - point: As many values as there are dimensions, 0 to 1; beyond counts as the edge, NaN as missing.
    ///   - row: The row of the VM.
    ///   - learns: Whether the point is learned.
    /// - Returns: The score, 0 to 1, greater for stranger; `nil` before the first window is full, and where the row or
    ///   the number of values does not fit.
    public mutating func score(_ point: Span<Float>, row: Int, learns: Bool = true) -> Double? {
        guard filled.indices.contains(row), point.count == shape.dimensions else { return nil }
        for dimension in 0..<shape.dimensions { place(point[dimension], dimension: dimension, row: row) }
        return score(row: row, learns: learns)
    }

    /// Sets one value of a row's point.
    ///
    /// - Parameters:
    ///   - value: The value, 0 to 1; beyond counts as the edge, NaN as missing.
    ///   - dimension: The dimension, one that there is.
    ///   - row: The row, one that there is.
    mutating func place(_ value: Float, dimension: Int, row: Int) {
        if !value.isNaN { last[row * shape.dimensions + dimension] = min(max(value, 0), 1) }
    }

    /// Scores the point that a row has, and learns it.
    ///
    /// - Parameters:
    ///   - row: The row, one that there is.
    ///   - learns: Whether the point is learned.
    /// - Returns: The score, 0 to 1; `nil` before the first window is full.
    mutating func score(row: Int, learns: Bool) -> Double? {
        let base = row * shape.dimensions
        let trees = shape.tuning.trees
        let window = trees * shape.nodes
        let latestBase = (2 * row + Int(latest[row])) * window
        let referenceBase = (2 * row + 1 - Int(latest[row])) * window
        let limit = UInt8(Double(shape.tuning.window) * Self.sizeLimit)
        var sum = 0.0
        for tree in 0..<trees {
            let at = tree * shape.nodes
            let splitAt = tree * shape.inner
            var node = 0
            var weight = 1.0
            var counting = true
            while true {
                if learns { masses[latestBase + at + node] &+= 1 }
                let isLeaf = node >= shape.inner
                if counting {
                    let mass = masses[referenceBase + at + node]
                    if isLeaf || mass <= limit {
                        sum += Double(mass) * weight
                        counting = false
                        if !learns { break }
                    }
                }
                if isLeaf { break }
                let value = last[base + Int(shape.splitDimensions[splitAt + node])]
                node = 2 * node + (value < shape.splits[splitAt + node] ? 1 : 2)
                weight *= 2
            }
        }
        let scored = ready[row]
        if learns { turn(row: row) }
        return scored ? 1 / (1 + sum / Double(trees * shape.tuning.window)) : nil
    }

    /// Counts a point of a row, and makes a full window the reference.
    private mutating func turn(row: Int) {
        filled[row] += 1
        guard Int(filled[row]) >= shape.tuning.window else { return }
        filled[row] = 0
        ready[row] = true
        latest[row] = 1 - latest[row]
        let window = shape.tuning.trees * shape.nodes
        let base = (2 * row + Int(latest[row])) * window
        for index in base..<base + window { masses[index] = 0 }
    }
}
