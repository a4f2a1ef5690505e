import FuzzCorpus
import Glibc

/// How far a parser's process has come, in memory that the process shares with the one that watches it, so that it can be
/// read after a crash.
@safe final class Board {
    /// The words of the board.
    private enum Word: Int, CaseIterable {
        /// The number of the input at hand.
        case current
        /// Inputs tried to the end.
        case inputs
        /// Inputs taken.
        case taken
        /// Inputs refused.
        case refused
        /// Inputs on which a promise was broken.
        case broken
        /// One more than the number of the first of them; 0 where there is none.
        case firstBroken
        /// Not 0 once the process shall end.
        case stop
    }

    private static let size = Word.allCases.count * MemoryLayout<UInt64>.stride
    private let words: UnsafeMutablePointer<UInt64>

    /// Maps a board.
    ///
    /// The corresponding C function is `mmap`.
    ///
    /// - Parameters:
    ///   - path: The file behind it.
    ///   - isNew: Whether the file is made, filled with zeros.
    init?(_ path: String, isNew: Bool) {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        let descriptor = unsafe open(path, isNew ? O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC : O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        if isNew, ftruncate(descriptor, off_t(Self.size)) != 0 { return nil }
        // SAFETY: a new mapping, which nothing else in this process uses; it is checked before it is used.
        let mapped = unsafe mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
        // SAFETY: the mapping begins at a page and holds as many words as there are cases.
        unsafe words = mapped.bindMemory(to: UInt64.self, capacity: Word.allCases.count)
    }

    deinit {
        // SAFETY: mapped by `init` with this size, and handed to nobody.
        unsafe munmap(words, Self.size)
    }

    /// One word of the board.
    private subscript(_ word: Word) -> UInt64 {
        // SAFETY: the mapping holds as many words as there are cases.
        get { unsafe words[word.rawValue] }
        set { unsafe words[word.rawValue] = newValue }
    }

    /// The number of the input at hand.
    var current: UInt64 {
        get { self[.current] }
        set { self[.current] = newValue }
    }

    /// Whether the process shall end.
    var isStopped: Bool {
        get { self[.stop] != 0 }
        set { self[.stop] = newValue ? 1 : 0 }
    }

    /// The first input on which a promise was broken.
    var firstBroken: UInt64? { self[.firstBroken] == 0 ? nil : self[.firstBroken] - 1 }

    /// What became of the inputs so far.
    var tally: FuzzTally {
        var tally = FuzzTally()
        tally.inputs = self[.inputs]
        tally.taken = self[.taken]
        tally.refused = self[.refused]
        tally.broken = self[.broken]
        return tally
    }

    /// Notes what became of the input at hand.
    ///
    /// - Parameter outcome: What became of it.
    func note(_ outcome: FuzzOutcome) {
        self[.inputs] &+= 1
        switch outcome {
        case .taken: self[.taken] &+= 1
        case .refused: self[.refused] &+= 1
        case .broken:
            self[.broken] &+= 1
            if self[.firstBroken] == 0 { self[.firstBroken] = current &+ 1 }
        }
    }
}
