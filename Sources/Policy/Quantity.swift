/// A number with its unit, as an operator writes it: `60 ms/s`, `80%`, `1.5GiB`.
enum Quantity {
    /// Why a text is not the quantity that is wanted.
    struct Refusal: Error, Equatable {
        /// What is wrong and what would be accepted.
        var message: String
        /// The unit that is nearest to the one written.
        var suggestion: String?
    }

    /// Values beyond this, in base units, are refused: no counter of a host comes near.
    static let largest = 1e18

    /// The value of a text in the base unit of the wanted kind.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - wanted: The kind of quantity.
    ///   - subject: What wants it, for the message: a signal or a key.
    /// - Returns: The value.
    /// - Throws: ``Refusal``, which says what would be accepted.
    static func value(of text: String, as wanted: Dimension, for subject: String) throws(Refusal) -> Double {
        let shown = "'" + PolicyProblem.shortened(text) + "'"
        let wants = "\(subject) wants \(wanted.noun), such as \(wanted.example)"
        let (number, unit) = split(text)
        guard let number, let parsed = Double(number) else {
            throw Refusal(message: "\(shown) is not a number with a unit; \(wants)")
        }
        guard parsed.isFinite else {
            throw Refusal(message: "\(shown) is beyond all measure; \(wants)")
        }
        if unit.isEmpty {
            guard wanted != .count else { return parsed }
            throw Refusal(message: "\(shown) has no unit; \(wants)")
        }
        let meanings = UnitName.all.filter { $0.name == unit }
        if let meaning = meanings.first(where: { wanted.accepts($0.dimension) }) {
            let value = parsed * meaning.factor / meaning.divisor
            guard abs(value) <= largest else { throw Refusal(message: "\(shown) is beyond all measure; \(wants)") }
            return value
        }
        if let meaning = meanings.first {
            throw Refusal(message: "\(shown) is \(meaning.dimension.noun); \(wants)")
        }
        if unit.hasPrefix(",") || unit.hasPrefix("_") {
            throw Refusal(message: "\(shown) has a '\(unit.prefix(1))' in its number; write 1500 or 1.5; \(wants)")
        }
        let names = wanted.unitNames
        let accepted = names.isEmpty ? "" : " (units: \(names.joined(separator: ", ")))"
        throw Refusal(
            message: "\(shown) has the unknown unit '\(PolicyProblem.shortened(unit))'; \(wants)\(accepted)",
            suggestion: nearestUnit(to: unit, among: names)
        )
    }

    /// The accepted unit that differs in case only, else the one with the fewest edits.
    private static func nearestUnit(to unit: String, among names: [String]) -> String? {
        names.first { $0.lowercased() == unit.lowercased() } ?? NearestName.of(unit, among: names)
    }

    /// Divides a text into its number and the unit after it; the number is `nil` where the text begins with none.
    private static func split(_ text: String) -> (number: String?, unit: String) {
        var rest = text[...]
        func digits() -> Substring { rest.prefix { $0.isASCII && $0.isNumber } }
        var number = ""
        if let sign = rest.first, sign == "-" || sign == "+" {
            number.append(sign)
            rest.removeFirst()
        }
        let whole = digits()
        guard !whole.isEmpty else { return (nil, text) }
        number += whole
        rest.removeFirst(whole.count)
        if rest.first == "." {
            rest.removeFirst()
            let fraction = digits()
            guard !fraction.isEmpty else { return (nil, text) }
            number += "." + fraction
            rest.removeFirst(fraction.count)
        }
        if rest.first == "e" || rest.first == "E" {
            let mark = rest
            rest.removeFirst()
            var exponent = "e"
            if let sign = rest.first, sign == "-" || sign == "+" {
                exponent.append(sign)
                rest.removeFirst()
            }
            let power = digits()
            if power.isEmpty {
                rest = mark
            } else {
                number += exponent + power
                rest.removeFirst(power.count)
            }
        }
        return (number, String(rest.drop { $0 == " " }))
    }
}
