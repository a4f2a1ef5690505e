import Signals

/// The second stage: what the files say, with places, before units, ranges and names are checked.
///
/// Files are read in order into one draft. A key of a later file replaces the same key of an earlier one; `protect`
/// adds up, so that no file can take another's protection away by mentioning its own.
struct PolicyDraft: Sendable {
    /// A part of the files with keys of one kind: the limits, one ladder, one rule, one window.
    struct Section<Key: PolicyKey>: Sendable {
        /// Its place from the top, such as `rules.cpu-starved`.
        var path: String
        /// Where it was first begun.
        var place: Place
        /// What its keys were given.
        var fields: [Key: Field] = [:]

        /// The path of one of its keys.
        func path(_ key: Key) -> String { path + "." + key.rawValue }

        /// The word of a key; `nil` where it is not given.
        func word(_ key: Key) -> Word? {
            guard case .word(let word) = fields[key] else { return nil }
            return word
        }

        /// The word of a key that is neither missing nor taken back with `none`.
        func given(_ key: Key) -> Word? {
            guard let word = word(key), word.text != "none" else { return nil }
            return word
        }

        /// The list of a key; `nil` where it is not given.
        func list(_ key: Key) -> (words: [Word], place: Place)? {
            guard case .list(let words, let place) = fields[key] else { return nil }
            return (words, place)
        }

        /// Takes over the keys of a later file.
        mutating func merge(_ later: Section) {
            fields.merge(later.fields) { _, new in new }
        }
    }

    /// The last `mode`.
    var mode: Word?
    /// The last `memory-high`.
    var memoryHigh: Word?
    /// The limits; `nil` where no file has any.
    var limits: Section<LimitKey>?
    /// What a quarantine does; `nil` where no file says.
    var quarantine: Section<QuarantineKey>?
    /// How urgent the findings of an audit are; `nil` where no file says.
    var audit: Section<AuditCheck>?
    /// Protected VMs of all files.
    var protectedVMs: [Word] = []
    /// Protected tenants of all files.
    var protectedTenants: [Word] = []
    /// The maintenance windows in the order in which they are first named.
    var windows: [NamedSection<WindowKey>] = []
    /// The ladders in the order in which they are first named.
    var ladders: [NamedSection<LadderKey>] = []
    /// The rules in the order in which they are first named.
    var rules: [NamedSection<RuleKey>] = []
}

/// A ladder, a rule or a window under its name.
struct NamedSection<Key: PolicyKey>: Sendable {
    /// The name and where it was first given.
    var name: Word
    /// Its keys.
    var section: PolicyDraft.Section<Key>
}

extension Optional {
    /// Takes over the keys of a later file's section, if that has one.
    mutating func merge<Key>(_ later: Wrapped?) where Wrapped == PolicyDraft.Section<Key> {
        guard let later else { return }
        if self == nil {
            self = later
        } else {
            self?.merge(later)
        }
    }
}

extension Array {
    /// Adds a named section, or merges it into the one of the same name.
    mutating func add<Key>(_ later: Element) where Element == NamedSection<Key> {
        if let index = firstIndex(where: { $0.name.text == later.name.text }) {
            self[index].section.merge(later.section)
        } else {
            append(later)
        }
    }
}
