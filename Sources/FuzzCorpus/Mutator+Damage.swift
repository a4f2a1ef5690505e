internal import Signals

extension Mutator {
    /// One fault in lines of text.
    mutating func damageText() {
        let place = below(bytes.count)
        switch below(20) {
        case 0: bytes[place] ^= 1 << UInt8(below(8))
        case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 2, 3: bytes[place] = Self.telling[below(Self.telling.count)]
        case 4: bytes.insert(Self.telling[below(Self.telling.count)], at: place)
        case 5: bytes.remove(at: place)
        case 6: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(40)))
        case 7: bytes.removeSubrange(place...)
        case 8, 9, 10: changeNumber(from: place)
        case 11: bytes.insert(contentsOf: repeatElement(UInt8(ascii: "9"), count: 1 + below(24)), at: place)
        case 12, 13: doubleLine(at: place)
        case 14: bytes.removeSubrange(line(at: place))
        case 15: moveLine(at: place)
        case 16: insertWord(at: place)
        case 17: changeLineEnds()
        case 18: if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        default: copyPiece(to: place)
        }
    }

    /// One fault in a binary message.
    mutating func damageBinary() {
        let place = below(bytes.count)
        switch below(14) {
        case 0, 1: bytes[place] ^= 1 << UInt8(below(8))
        case 2: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 3: bytes.removeSubrange(place...)
        case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16)))
        case 5: bytes.insert(contentsOf: repeatElement(0, count: 1 + below(8)), at: place)
        case 6: copyPiece(to: place)
        case 7: addToInteger(at: place)
        case 8: writeInteger(at: place & ~1, width: 2, UInt64(max(0, bytes.count - 4 + below(9))))
        case 9, 10: writeInteger(at: place & ~1, width: 2, Self.integers[below(Self.integers.count)])
        case 11: writeInteger(at: place & ~3, width: 4, Self.integers[below(Self.integers.count)])
        case 12: writeInteger(at: place & ~7, width: 8, Self.integers[below(Self.integers.count)])
        default: insertWord(at: place)
        }
    }

    /// The line around a place, with its newline.
    private func line(at place: Int) -> Range<Int> {
        var start = place
        while start > 0, place - start < 4_096, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        var end = place
        while end < bytes.count, end - place < 4_096 {
            end += 1
            if bytes[end - 1] == UInt8(ascii: "\n") { break }
        }
        return start..<end
    }

    /// Puts a line there twice, or several times.
    private mutating func doubleLine(at place: Int) {
        let range = line(at: place)
        let copy = Array(bytes[range])
        for _ in 0...below(3) { bytes.insert(contentsOf: copy, at: range.upperBound) }
    }

    /// Takes a line out and puts it in elsewhere.
    private mutating func moveLine(at place: Int) {
        let range = line(at: place)
        let copy = Array(bytes[range])
        bytes.removeSubrange(range)
        guard !bytes.isEmpty else { return }
        let target = line(at: below(bytes.count)).lowerBound
        bytes.insert(contentsOf: copy, at: target)
    }

    /// Replaces the next number behind a place.
    private mutating func changeNumber(from place: Int) {
        var start = place
        while start < bytes.count, !isDigit(start) { start += 1 }
        var end = start
        while end < bytes.count, isDigit(end) { end += 1 }
        guard start < end else { return }
        bytes.replaceSubrange(start..<end, with: Self.numbers[below(Self.numbers.count)])
    }

    private func isDigit(_ index: Int) -> Bool { bytes[index] &- UInt8(ascii: "0") < 10 }

    /// Ends every line as other systems do.
    private mutating func changeLineEnds() {
        let end: [UInt8] = below(2) == 0 ? [0x0D, 0x0A] : [0x0D]
        var changed: [UInt8] = []
        for byte in bytes { if byte == 0x0A { changed += end } else { changed.append(byte) } }
        bytes = changed
    }

    /// Copies a piece of the input over, or into, another place.
    private mutating func copyPiece(to place: Int) {
        let from = below(bytes.count)
        let piece = Array(bytes[from..<min(bytes.count, from + 1 + below(64))])
        if below(2) == 0 {
            bytes.insert(contentsOf: piece, at: place)
        } else {
            bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
        }
    }

    /// Writes an integer, lowest byte first, as far as it fits.
    private mutating func writeInteger(at place: Int, width: Int, _ value: UInt64) {
        for offset in 0..<width where place + offset < bytes.count {
            bytes[place + offset] = UInt8(truncatingIfNeeded: value >> UInt64(8 * offset))
        }
    }

    /// Makes an integer of 16 bits a little larger or smaller.
    private mutating func addToInteger(at place: Int) {
        let place = place & ~1
        guard place + 1 < bytes.count else { return }
        let value = UInt64(bytes[place]) | UInt64(bytes[place + 1]) << 8
        writeInteger(at: place, width: 2, value &+ UInt64(below(17)) &- 8)
    }
}
