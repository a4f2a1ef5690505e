/// A date and time of the proleptic Gregorian calendar, without a time zone.
enum Timestamp {
    /// Days before each month of a year that is no leap year.
    private static let daysBefore: InlineArray<12, Int> = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    /// Days of each month of a year that is no leap year.
    private static let daysIn: InlineArray<12, Int> = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    /// The seconds since 1970-01-01 00:00:00 of `YYYY-mm-dd HH:MM:SS[.ffffff]`.
    ///
    /// - Parameter text: The characters; a `T` between date and time and a `Z` at the end are taken too.
    /// - Returns: The seconds, or nil where it is no such time.
    static func seconds(_ text: ArraySlice<UInt8>) -> Double? {
        var rest = text
        if rest.last == UInt8(ascii: "Z") { rest = rest.dropLast() }
        guard
            let year = digits(4, &rest), skip("-", &rest),
            let month = digits(2, &rest), (1...12).contains(month), skip("-", &rest),
            let day = digits(2, &rest), skip(" ", &rest) || skip("T", &rest),
            let hour = digits(2, &rest), hour < 24, skip(":", &rest),
            let minute = digits(2, &rest), minute < 60, skip(":", &rest),
            let second = digits(2, &rest), second <= 60,
            let fraction = fraction(&rest), rest.isEmpty
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        guard day >= 1, day <= daysIn[month - 1] + (isLeap && month == 2 ? 1 : 0) else { return nil }
        let before = year - 1
        let leapDays = year == 0 ? 0 : before / 4 - before / 100 + before / 400 + 1
        // 719,528 days lie between 0000-01-01 and 1970-01-01.
        let days = year * 365 + leapDays + daysBefore[month - 1] + (isLeap && month > 2 ? 1 : 0) + day - 1 - 719_528
        return Double(days * 86_400 + hour * 3_600 + minute * 60 + second) + fraction
    }

    /// Takes a number of exactly so many digits.
    private static func digits(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.count >= count else { return nil }
        var number = 0
        for byte in rest.prefix(count) {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        rest = rest.dropFirst(count)
        return number
    }

    /// Takes a character, if it is next.
    private static func skip(_ character: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Takes the part of a second, if there is one: a point and 1 to 9 digits.
    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Double? {
        guard skip(".", &rest) else { return 0 }
        guard (1...9).contains(rest.count) else { return nil }
        var scale = 1.0
        for _ in rest { scale *= 10 }
        return digits(rest.count, &rest).map { Double($0) / scale }
    }
}
