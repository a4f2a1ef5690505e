import Signals

extension PolicyCompiler {
    /// The maintenance window that a section means; `nil` where it is switched off or not to be told.
    mutating func window(_ named: NamedSection<WindowKey>) -> MaintenanceWindow? {
        let section = named.section
        let enabled = section.word(.enabled).flatMap { yesOrNo($0, section.path(.enabled)) } ?? true
        let from = time(named, .from, upTo: Self.lastMinute)
        let to = time(named, .to, upTo: Self.minutesOfDay)
        let effect = effect(named)
        var window = MaintenanceWindow(
            name: named.name.text,
            from: from ?? 0,
            to: to ?? Self.minutesOfDay,
            effect: effect ?? .observe
        )
        if let days = days(section) { window.days = days }
        window.vms = Set(selection(section, .vms, of: "VM").map { Self.vmName($0) })
        window.tenants = selection(section, .tenants, of: "tenant")
        window.classes = selection(section, .classes, of: "class")
        if let from, from == to, let word = section.word(.to) {
            report(
                word,
                section.path(.to),
                "it ends when it begins; for a whole day write from: \"00:00\" and to: \"24:00\""
            )
        }
        return enabled && from != nil && to != nil && effect != nil ? window : nil
    }

    private static let minutesOfDay = 1_440
    private static let lastMinute = 1_439

    private mutating func effect(_ named: NamedSection<WindowKey>) -> MaintenanceWindow.Effect? {
        let path = named.section.path(.then)
        guard named.section.fields[.then] != nil else {
            guard !isPartial else { return nil }
            report(
                named.name,
                path,
                "the window does not say what to do; accepted: observe (begin no hold), release (let go of all too)"
            )
            return nil
        }
        return named.section.word(.then).flatMap { choice($0, MaintenanceWindow.Effect.self, path: path) }
    }

    /// The days of a window; `nil` where all are meant.
    private mutating func days(_ section: PolicyDraft.Section<WindowKey>) -> Set<MaintenanceWindow.Day>? {
        guard let (words, place) = section.list(.days) else { return nil }
        let path = section.path(.days)
        let names = MaintenanceWindow.Day.allCases.map(\.rawValue)
        if words.isEmpty {
            report(place, path, "an empty list would mean no day; leave the key out for all, or write 'enabled: no'")
        }
        var days: Set<MaintenanceWindow.Day> = []
        for word in words {
            guard let day = MaintenanceWindow.Day(rawValue: word.text) else {
                let start = String(word.text.lowercased().prefix(3))
                report(
                    word,
                    path,
                    "accepted: \(names.joined(separator: ", "))",
                    near: names.first { $0 == start } ?? NearestName.of(word.text, among: names)
                )
                continue
            }
            days.insert(day)
        }
        return days
    }

    /// The minute of the day of a key; `nil` and a problem where it is missing or no time.
    private mutating func time(_ named: NamedSection<WindowKey>, _ key: WindowKey, upTo most: Int) -> Int? {
        let section = named.section
        guard section.fields[key] != nil else {
            guard !isPartial else { return nil }
            report(
                named.name,
                section.path(key),
                "the window does not say \(key == .from ? "when it begins" : "when it ends"); write hours and minutes "
                    + "in UTC, such as \(key.rawValue): \"22:00\""
            )
            return nil
        }
        guard let word = section.word(key) else { return nil }
        let minute = Self.minute(of: word.text)
        if let minute, minute <= most { return minute }
        report(
            word,
            section.path(key),
            minute == nil
                ? "it wants hours and minutes in UTC, such as \"22:00\", in quotes where another tool reads the file too"
                : "a day has 00:00 to 23:59" + (most == Self.minutesOfDay ? ", and 24:00 for its end" : ""),
            near: Self.nearTime(word.text)
        )
        return nil
    }

    /// The minute of a time such as `22:00` or `6:30`; `nil` for anything else, beyond the day for hours that no day has.
    private static func minute(of text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
            let hours = Int(parts[0]), let minutes = Int(parts[1])
        else { return nil }
        return minutes > 59 ? minutesOfDay + 1 : hours * 60 + minutes
    }

    /// The time that was most likely meant by one with another mark, with seconds or with its zone.
    ///
    /// None for another zone or for half days: a suggestion would be hours away from what was meant.
    private static func nearTime(_ text: String) -> String? {
        var text = text[...]
        for ending in ["UTC", "Z"] where text.hasSuffix(ending) { text.removeLast(ending.count) }
        while text.last == " " { text.removeLast() }
        let parts = text.split(whereSeparator: { ":.hH".contains($0) })
        guard parts.count == 2 || (parts.count == 3 && parts[2] == "00"),
            parts.allSatisfy({ (1...2).contains($0.count) && $0.allSatisfy { $0.isASCII && $0.isNumber } })
        else { return nil }
        let time = parts.prefix(2).map { ($0.count == 1 ? "0" : "") + $0 }.joined(separator: ":")
        guard let minute = minute(of: time), minute <= lastMinute else { return nil }
        return time
    }
}
