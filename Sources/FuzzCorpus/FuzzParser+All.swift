extension FuzzParser {
    /// Every parser of Quell that reads what others wrote.
    public static let all: [FuzzParser] =
        kernelFiles + kernelLines + devices + cache + network + setUpTexts + documents
        + storage + traces

    /// Parsers that fail on purpose, to show that a failure is noticed; never part of a run by themselves.
    ///
    /// - Parameter wait: Waits for a moment, over and over.
    /// - Returns: One that traps, one that never returns and one that breaks its promise, each on some inputs.
    public static func planted(wait: @escaping @Sendable () -> Void) -> [FuzzParser] {
        let seed = Array("some text with a number 12 in it\n".utf8)
        return [
            FuzzParser("planted.trap", seeds: [seed]) { bytes in
                precondition(bytes.count < 60, "planted: the input is longer than 60 bytes")
                return .refused
            },
            FuzzParser("planted.hang", seeds: [seed]) { bytes in
                while bytes.count >= 60 { wait() }
                return .refused
            },
            FuzzParser("planted.lie", seeds: [seed]) { bytes in
                bytes.count < 60 ? .taken : .broken("planted: the input is longer than 60 bytes")
            },
        ]
    }
}
