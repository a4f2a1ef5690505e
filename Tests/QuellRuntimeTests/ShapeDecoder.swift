/// Reads nothing and notes what a type would read: the keys of its JSON with their kinds, those that may be left out too.
final class ShapeRecorder {
    /// A line a key: its path, and its kind.
    private(set) var lines: [String] = []

    /// The shape of a type's JSON.
    static func shape(of type: any Decodable.Type) throws -> [String] {
        let recorder = ShapeRecorder()
        try recorder.note(type, at: "", isOptional: false)
        return recorder.lines.filter { !$0.hasPrefix(" ") }.sorted()
    }

    /// Notes a value of a type at a path, and what is within it; gives a value to go on with.
    @discardableResult
    func note<Value: Decodable>(_ type: Value.Type, at path: String, isOptional: Bool) throws -> Value {
        let mark = isOptional ? "?" : ""
        if let kind = Self.kinds.first(where: { $0.type == type }) {
            lines.append("\(path)\(mark) \(kind.name)")
            if let value = kind.value as? Value { return value }
        }
        // An enumeration is a string; any case will do.
        if let cases = type as? any CaseIterable.Type, let value = Self.first(cases) as? Value {
            lines.append("\(path)\(mark) string")
            return value
        }
        if type is any Collection.Type, !(type is any ExpressibleByDictionaryLiteral.Type) {
            return try Value(from: ShapeDecoder(recorder: self, path: path + mark + "[]"))
        }
        return try Value(from: ShapeDecoder(recorder: self, path: path + mark))
    }

    private static func first<Cases: CaseIterable>(_ type: Cases.Type) -> Any? { type.allCases.first }

    private static let kinds: [(type: any Decodable.Type, name: String, value: Any)] = [
        (String.self, "string", ""), (Bool.self, "boolean", false), (Double.self, "number", 0.0),
        (Int.self, "integer", 0), (UInt64.self, "integer", UInt64(0)), (UInt32.self, "integer", UInt32(0)),
        ([String: Double].self, "numbers by name", [String: Double]()),
        ([String: Int].self, "integers by name", [String: Int]()),
    ]
}

/// A decoder that asks a ``ShapeRecorder`` for everything.
private struct ShapeDecoder: Decoder {
    let recorder: ShapeRecorder
    let path: String
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Keyed<Key>(recorder: recorder, path: path))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { Unkeyed(recorder: recorder, path: path) }

    func singleValueContainer() -> any SingleValueDecodingContainer { Single(recorder: recorder, path: path) }

    struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let recorder: ShapeRecorder
        let path: String
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }

        private func path(to key: Key) -> String { path.isEmpty ? key.stringValue : path + "." + key.stringValue }
        func contains(_ key: Key) -> Bool { true }
        func decodeNil(forKey key: Key) -> Bool { false }
        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try recorder.note(type, at: path(to: key), isOptional: false)
        }
        func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
            try recorder.note(type, at: path(to: key), isOptional: true)
        }
        // The standard library asks for these kinds by overloads of their own.
        func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
            try recorder.note(type, at: path(to: key), isOptional: true)
        }
        func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
            try recorder.note(type, at: path(to: key), isOptional: true)
        }
        func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
            try recorder.note(type, at: path(to: key), isOptional: true)
        }
        func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
            try recorder.note(type, at: path(to: key), isOptional: true)
        }
        func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
            try recorder.note(type, at: path(to: key), isOptional: true)
        }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) -> KeyedDecodingContainer<Nested> {
            KeyedDecodingContainer(Keyed<Nested>(recorder: recorder, path: path(to: key)))
        }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
            Unkeyed(recorder: recorder, path: path(to: key))
        }
        func superDecoder() -> any Decoder { ShapeDecoder(recorder: recorder, path: path) }
        func superDecoder(forKey key: Key) -> any Decoder { ShapeDecoder(recorder: recorder, path: path(to: key)) }
    }

    /// An array of one.
    struct Unkeyed: UnkeyedDecodingContainer {
        let recorder: ShapeRecorder
        let path: String
        var codingPath: [any CodingKey] { [] }
        var count: Int? { 1 }
        var currentIndex = 0
        var isAtEnd: Bool { currentIndex > 0 }

        mutating func decodeNil() -> Bool { false }
        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            currentIndex += 1
            return try recorder.note(type, at: path, isOptional: false)
        }
        mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedDecodingContainer<Nested> {
            currentIndex += 1
            return KeyedDecodingContainer(Keyed<Nested>(recorder: recorder, path: path))
        }
        mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { self }
        mutating func superDecoder() -> any Decoder { ShapeDecoder(recorder: recorder, path: path) }
    }

    struct Single: SingleValueDecodingContainer {
        let recorder: ShapeRecorder
        let path: String
        var codingPath: [any CodingKey] { [] }
        func decodeNil() -> Bool { false }
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try recorder.note(type, at: path, isOptional: false)
        }
    }
}
