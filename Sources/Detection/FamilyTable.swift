/// The state of all detectors of one family, for all VMs: one flat array by row and place.
struct FamilyTable<Element: Sendable>: Sendable {
    /// Detectors in a row.
    private(set) var width = 0
    /// The detectors: `row × width + place`.
    private var cells: [Element] = []
    /// The rows.
    private var rows = 0
    /// A detector that has seen nothing.
    private let blank: Element

    /// A table without rows.
    ///
    /// - Parameter blank: A detector that has seen nothing.
    init(_ blank: Element) {
        self.blank = blank
    }

    /// The detector at a place of a row.
    subscript(row: Int, place: Int) -> Element {
        get { cells[row * width + place] }
        _modify { yield &cells[row * width + place] }
    }

    /// Adds a row of detectors that have seen nothing.
    mutating func addRow() {
        rows += 1
        cells.append(contentsOf: repeatElement(blank, count: width))
    }

    /// Makes every detector of a row forget.
    mutating func clear(_ row: Int) {
        for place in 0..<width { cells[row * width + place] = blank }
    }

    /// Gives every row other places.
    ///
    /// - Parameter before: For each new place, the old one whose detectors it takes over; `nil` to begin anew.
    mutating func rearrange(_ before: [Int?]) {
        var moved: [Element] = []
        moved.reserveCapacity(rows * before.count)
        for row in 0..<rows {
            for place in before { moved.append(place.map { cells[row * width + $0] } ?? blank) }
        }
        cells = moved
        width = before.count
    }
}
