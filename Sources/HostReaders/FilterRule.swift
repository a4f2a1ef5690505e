internal import CKernel

/// A rule of nftables as far as it drops and counts: where its names are, and what it has counted.
package struct FilterRule: Equatable {
    /// `NFPROTO_*`.
    var family: UInt8
    /// Where its table's name is in the datagram.
    var table: Range<Int>
    /// Where its chain's name is.
    var chain: Range<Int>
    /// Its number, given once within its table; 0 for a chain.
    var handle: UInt64 = 0
    /// Whether what it matches is dropped or rejected.
    var drops = false
    /// Packets that came to its verdict; `nil` where it does not count.
    var packets: UInt64?

    /// The message types of nfnetlink's subsystem for nftables.
    static let newChain = UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_NEWCHAIN.rawValue)
    static let newRule = UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_NEWRULE.rawValue)

    /// Reads `NFT_MSG_NEWCHAIN` or `NFT_MSG_NEWRULE`.
    ///
    /// - Parameters:
    ///   - message: A message.
    ///   - bytes: The datagram that it lies in.
    /// - Returns: The rule, or a rule without a verdict for a chain; `nil` for a message of another kind.
    /// - Throws: ``Malformed`` where it is too short, lacks a name or an attribute's length makes no sense.
    package static func read(_ message: NetlinkMessage, _ bytes: Span<UInt8>) throws(Malformed) -> FilterRule? {
        guard message.type == newRule || message.type == newChain else { return nil }
        let isRule = message.type == newRule
        let start = message.payload.lowerBound
        guard message.payload.count >= 4, let family = Wire.uint8(bytes, start) else { throw Malformed(at: start) }
        var rule = FilterRule(family: family, table: start..<start, chain: start..<start)
        let tableType = Int((isRule ? NFTA_RULE_TABLE.rawValue : NFTA_CHAIN_TABLE.rawValue))
        let chainType = Int((isRule ? NFTA_RULE_CHAIN.rawValue : NFTA_CHAIN_NAME.rawValue))
        var attributes = NetlinkAttributes(message.payload, after: 4)
        while let attribute = attributes.next(bytes) {
            switch attribute.type {
            case tableType: rule.table = FilterChain.text(attribute.payload, bytes)
            case chainType: rule.chain = FilterChain.text(attribute.payload, bytes)
            case Int(NFTA_RULE_HANDLE.rawValue) where isRule:
                guard let handle = Wire.uint64(bytes, attribute.payload.lowerBound), attribute.payload.count == 8 else {
                    throw Malformed(at: attribute.payload.lowerBound)
                }
                rule.handle = UInt64(bigEndian: handle)
            case Int(NFTA_RULE_EXPRESSIONS.rawValue) where isRule:
                try rule.take(expressions: attribute.payload, bytes)
            default: continue
            }
        }
        if let malformed = attributes.malformed { throw malformed }
        guard !rule.table.isEmpty, !rule.chain.isEmpty else { throw Malformed(at: start) }
        return rule
    }

    /// Reads the expressions of a rule: its counter, and whether it drops.
    private mutating func take(expressions: Range<Int>, _ bytes: Span<UInt8>) throws(Malformed) {
        var list = NetlinkAttributes(expressions)
        while let element = list.next(bytes) {
            var name: Range<Int>?
            var data: Range<Int>?
            var parts = NetlinkAttributes(element.payload)
            while let part = parts.next(bytes) {
                switch part.type {
                case Int(NFTA_EXPR_NAME.rawValue): name = FilterChain.text(part.payload, bytes)
                case Int(NFTA_EXPR_DATA.rawValue): data = part.payload
                default: continue
                }
            }
            if let malformed = parts.malformed { throw malformed }
            guard let name else { continue }
            try take(expression: name, data, bytes)
        }
        if let malformed = list.malformed { throw malformed }
    }

    /// Reads one expression.
    private mutating func take(
        expression name: Range<Int>,
        _ data: Range<Int>?,
        _ bytes: Span<UInt8>
    ) throws(Malformed) {
        if Self.equal(name, "reject", bytes) { drops = true }
        guard let data else { return }
        if Self.equal(name, "counter", bytes) {
            guard let place = try Self.find(Int(NFTA_COUNTER_PACKETS.rawValue), in: data, bytes) else { return }
            guard let count = Wire.uint64(bytes, place.lowerBound), place.count == 8 else {
                throw Malformed(at: place.lowerBound)
            }
            packets = UInt64(bigEndian: count)
        } else if Self.equal(name, "immediate", bytes) {
            guard let value = try Self.find(Int(NFTA_IMMEDIATE_DATA.rawValue), in: data, bytes),
                let verdict = try Self.find(Int(NFTA_DATA_VERDICT.rawValue), in: value, bytes),
                let code = try Self.find(Int(NFTA_VERDICT_CODE.rawValue), in: verdict, bytes)
            else { return }
            guard let number = Wire.uint32(bytes, code.lowerBound), code.count == 4 else {
                throw Malformed(at: code.lowerBound)
            }
            // NF_DROP is 0 in either byte order.
            if number == 0 { drops = true }
        } else if Self.equal(name, "target", bytes) {
            // An extension of xtables: iptables on nftables drops natively and rejects by one.
            guard let place = try Self.find(Int(NFTA_TARGET_NAME.rawValue), in: data, bytes) else { return }
            let target = FilterChain.text(place, bytes)
            if Self.equal(target, "REJECT", bytes) || Self.equal(target, "DROP", bytes) { drops = true }
        }
    }

    /// The payload of the first attribute of a type in a nest.
    private static func find(_ type: Int, in nest: Range<Int>, _ bytes: Span<UInt8>) throws(Malformed) -> Range<Int>? {
        var attributes = NetlinkAttributes(nest)
        let place = attributes.first(type, bytes)
        if let malformed = attributes.malformed { throw malformed }
        return place
    }

    /// Whether bytes are a text.
    private static func equal(_ place: Range<Int>, _ text: StaticString, _ bytes: Span<UInt8>) -> Bool {
        guard place.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<place.count {
            // SAFETY: `utf8Start` points to as many bytes as were just compared, which live as long as the process.
            guard unsafe text.utf8Start[index] == bytes[place.lowerBound + index] else { return false }
        }
        return true
    }
}
