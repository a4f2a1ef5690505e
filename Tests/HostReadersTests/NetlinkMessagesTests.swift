import HostReaders
import TestSupport
import Testing

@testable import HostReaders

@Suite("Netlink messages and attributes")
struct NetlinkMessagesTests {
    /// All messages of a datagram, and where it makes no sense.
    private func read(_ bytes: [UInt8]) -> ([NetlinkMessage], Malformed?) {
        var messages = NetlinkMessages()
        var found: [NetlinkMessage] = []
        while let message = messages.next(bytes.span) { found.append(message) }
        return (found, messages.malformed)
    }

    @Test("two messages are read field by field, with the padding between them passed over")
    func fields() {
        let bytes: [UInt8] = [
            18, 0, 0, 0,  // nlmsg_len: 16 of header and 2 of payload
            92, 0,  // nlmsg_type: RTM_NEWSTATS
            2, 0,  // nlmsg_flags: NLM_F_MULTI
            7, 0, 0, 0,  // nlmsg_seq
            9, 0, 0, 0,  // nlmsg_pid
            1, 2,  // payload
            0, 0,  // padding to a multiple of 4
            16, 0, 0, 0,  // nlmsg_len: a header alone
            1, 0,  // nlmsg_type: NLMSG_NOOP
            0x10, 0,  // nlmsg_flags: NLM_F_DUMP_INTR
            8, 0, 0, 0,  // nlmsg_seq
            0, 0, 0, 0,  // nlmsg_pid: the kernel
        ]
        let (messages, malformed) = read(bytes)
        #expect(
            messages == [
                NetlinkMessage(type: 92, flags: 2, sequence: 7, payload: 16..<18),
                NetlinkMessage(type: 1, flags: 0x10, sequence: 8, payload: 36..<36),
            ]
        )
        #expect(malformed == nil)
    }

    @Test(
        "a length that makes no sense ends the reading there",
        arguments: [0, 3, 15, 17, 0x7fff_ffff, .max] as [UInt32]
    )
    func hostileLengths(length: UInt32) {
        let good = NetlinkBytes.message(92, [1, 2, 3, 4])
        let (messages, malformed) = read(good + NetlinkBytes.message(92, [], length: length))
        #expect(messages.count == 1)
        #expect(malformed == Malformed(at: 20))
    }

    @Test("a header that is cut is malformed, an empty datagram is not")
    func cut() {
        for count in 1..<16 { #expect(read(Array(NetlinkBytes.done()[..<count])).1 == Malformed(at: 0)) }
        #expect(read([]) == ([], nil))
    }

    @Test("the last message needs no padding")
    func unpadded() {
        let bytes = Array(NetlinkBytes.message(92, [1])[..<17])
        let (messages, malformed) = read(bytes)
        #expect(messages.map(\.payload) == [16..<17])
        #expect(malformed == nil)
    }

    /// All attributes of a payload, and where it makes no sense.
    private func attributes(_ bytes: [UInt8], after header: Int = 0) -> ([NetlinkAttribute], Malformed?) {
        var attributes = NetlinkAttributes(0..<bytes.count, after: header)
        var found: [NetlinkAttribute] = []
        while let attribute = attributes.next(bytes.span) { found.append(attribute) }
        return (found, attributes.malformed)
    }

    @Test("attributes are read behind a header, without their flags")
    func attributeFields() {
        let bytes: [UInt8] = [
            0xff, 0xff, 0xff, 0xff,  // a fixed header
            5, 0,  // nla_len: 4 of header and 1 of payload
            3, 0x80,  // nla_type: 3, NLA_F_NESTED
            1,  // payload
            0, 0, 0,  // padding
            4, 0,  // nla_len: no payload
            7, 0x40,  // nla_type: 7, NLA_F_NET_BYTEORDER
        ]
        let (found, malformed) = attributes(bytes, after: 4)
        #expect(found == [NetlinkAttribute(type: 3, payload: 8..<9), NetlinkAttribute(type: 7, payload: 16..<16)])
        #expect(malformed == nil)
    }

    @Test("an attribute's length that makes no sense ends the reading there", arguments: [0, 3, 9, .max] as [UInt16])
    func hostileAttributes(length: UInt16) {
        let (found, malformed) = attributes(
            NetlinkBytes.attribute(1, [1, 2, 3, 4]) + NetlinkBytes.attribute(2, [1, 2, 3, 4], length: length)
        )
        #expect(found.map(\.type) == [1])
        #expect(malformed == Malformed(at: 8))
    }

    @Test("an attribute may not reach out of its nest, though the datagram goes on")
    func nest() {
        let bytes = NetlinkBytes.attribute(1, [1, 2, 3, 4, 5, 6, 7, 8])
        var attributes = NetlinkAttributes(0..<8)
        let first = attributes.next(bytes.span)
        #expect(first == nil)
        #expect(attributes.malformed == Malformed(at: 0))
    }

    @Test("a payload shorter than its header has no attributes, and one that is out of the datagram is refused")
    func outside() {
        #expect(attributes([1, 2], after: 12) == ([], nil))
        let bytes: [UInt8] = [8, 0, 1, 0]
        var attributes = NetlinkAttributes(0..<400)
        let first = attributes.next(bytes.span)
        #expect(first == nil)
    }
}
