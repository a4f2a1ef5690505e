internal import CKernel

/// One message of a netlink datagram: its header, and where its payload lies.
public struct NetlinkMessage: Equatable, Sendable {
    /// What it is, such as `RTM_NEWSTATS` or `NLMSG_DONE`.
    public let type: UInt16
    /// `NLM_F_*`.
    public let flags: UInt16
    /// The number of the request that it answers.
    public let sequence: UInt32
    /// Its payload within the datagram, without the padding behind it.
    public let payload: Range<Int>
}

/// The messages of one datagram, one after the other (`struct nlmsghdr`, netlink(7)).
public struct NetlinkMessages: Sendable {
    /// Bytes of a header.
    static let header = 16

    private var index = 0
    /// Where the first length that makes no sense stands, if any; nothing behind it can be read.
    public private(set) var malformed: Malformed?

    /// Begins before the first message.
    public init() {}

    /// The next message, or `nil` at the end.
    ///
    /// - Parameter bytes: The datagram, the same at each call.
    /// - Returns: The message.
    public mutating func next(_ bytes: Span<UInt8>) -> NetlinkMessage? {
        guard malformed == nil, index < bytes.count else { return nil }
        let rest = bytes.count - index
        guard rest >= Self.header, let length = Wire.uint32(bytes, index), length >= UInt32(Self.header),
            length <= rest, let type = Wire.uint16(bytes, index + 4), let flags = Wire.uint16(bytes, index + 6),
            let sequence = Wire.uint32(bytes, index + 8)
        else {
            malformed = Malformed(at: index)
            return nil
        }
        let payload = index + Self.header..<index + Int(length)
        index = min(bytes.count, payload.upperBound + -payload.upperBound & 3)
        return NetlinkMessage(type: type, flags: flags, sequence: sequence, payload: payload)
    }
}

/// One attribute of a netlink message: its type, and where its payload lies.
struct NetlinkAttribute: Equatable {
    /// What it is, without the flags for nesting and byte order.
    let type: Int
    /// Its payload within the datagram, without the padding behind it.
    let payload: Range<Int>
}

/// The attributes in a part of a datagram, one after the other (`struct nlattr`, netlink(7)).
struct NetlinkAttributes {
    private var index: Int
    private let end: Int
    /// Where the first length that makes no sense stands, if any; nothing behind it can be read.
    private(set) var malformed: Malformed?

    /// Begins before the first attribute.
    ///
    /// - Parameters:
    ///   - payload: Where the attributes lie, behind a fixed header.
    ///   - header: Bytes of that header with its padding; a payload that is shorter has no attributes.
    init(_ payload: Range<Int>, after header: Int = 0) {
        index = payload.lowerBound + header
        end = payload.upperBound
    }

    /// The next attribute, or `nil` at the end.
    @inline(__always)
    mutating func next(_ bytes: Span<UInt8>) -> NetlinkAttribute? {
        guard malformed == nil, index < end else { return nil }
        let rest = min(end, bytes.count) - index
        guard rest >= 4, let length = Wire.uint16(bytes, index).map(Int.init), length >= 4, length <= rest,
            let type = Wire.uint16(bytes, index + 2)
        else {
            malformed = Malformed(at: index)
            return nil
        }
        let payload = index + 4..<index + length
        index = payload.upperBound + -payload.upperBound & 3
        return NetlinkAttribute(type: Int(type & 0x3fff), payload: payload)
    }

    /// The payload of the first attribute of a type from here on; `nil` where there is none.
    mutating func first(_ type: Int, _ bytes: Span<UInt8>) -> Range<Int>? {
        while let attribute = next(bytes) {
            if attribute.type == type { return attribute.payload }
        }
        return nil
    }
}
