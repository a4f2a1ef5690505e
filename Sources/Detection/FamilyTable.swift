/// The state of all detectors of one family, for all VMs: one flat array, with a place for what was observed at all.
///
/// Most hosts lack some signal, and a detector takes up to a kilobyte: a cell is given to a row and place when its first
/// reading comes, and taken back when its VM goes.
struct FamilyTable<Element: Sendable>: Sendable {
    /// Stands for a place without a cell.
    private static var none: Int32 { -1 }

    /// Detectors that a row can have.
    private(set) var width = 0
    /// The cell of each place: `row × width + place`.
    private var places: [Int32] = []
    /// The detectors.
    private var cells: [Element] = []
    /// Cells of VMs that are gone.
    private var free: [Int32] = []
    /// The rows.
    private var rows = 0
    /// A detector that has seen nothing, alone in an array: the table itself stays small, for it is copied with the bank.
    private let blank: [Element]

    /// A table without rows.
    ///
    /// - Parameter blank: A detector that has seen nothing.
    init(_ blank: Element) {
        self.blank = [blank]
    }

    /// The detector at a place of a row; one that has seen nothing where it has no cell.
    ///
    /// Looking at it gives it no cell, changing it does.
    subscript(row: Int, place: Int) -> Element {
        _read {
            let cell = places[row * width + place]
            if cell == Self.none { yield blank[0] } else { yield cells[Int(cell)] }
        }
        _modify {
            let index = row * width + place
            if places[index] == Self.none { places[index] = newCell() }
            yield &cells[Int(places[index])]
        }
    }

    /// Whether a place of a row has a cell: its signal was observed.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - place: The place.
    /// - Returns: Whether it has one.
    func isObserved(_ row: Int, _ place: Int) -> Bool { places[row * width + place] != Self.none }

    /// Makes room for rows without cells.
    ///
    /// - Parameter count: Rows that there shall be at least.
    mutating func grow(to count: Int) {
        guard count > rows else { return }
        rows = count
        places.reserveCapacity(rows * width)
        places.append(contentsOf: repeatElement(Self.none, count: rows * width - places.count))
    }

    /// Takes the cells of a row back.
    mutating func clear(_ row: Int) {
        for index in row * width..<(row + 1) * width where places[index] != Self.none {
            free.append(places[index])
            places[index] = Self.none
        }
    }

    /// Gives every row other places.
    ///
    /// - Parameter before: For each new place, the old one whose detectors it takes over; `nil` to begin anew.
    mutating func rearrange(_ before: [Int?]) {
        var moved = FamilyTable(blank[0])
        moved.width = before.count
        moved.grow(to: rows)
        for row in 0..<rows {
            for (place, old) in before.enumerated() {
                guard let old, places[row * width + old] != Self.none else { continue }
                moved[row, place] = self[row, old]
            }
        }
        self = moved
    }

    /// A cell that has seen nothing.
    private mutating func newCell() -> Int32 {
        if let cell = free.popLast() {
            cells[Int(cell)] = blank[0]
            return cell
        }
        // Rows come in crowds, when the agent starts: room for all of them at once leaves no old copies behind.
        if cells.count == cells.capacity { cells.reserveCapacity(max(rows, cells.count + cells.count / 4)) }
        cells.append(blank[0])
        return Int32(cells.count - 1)
    }
}
