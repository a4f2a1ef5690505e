internal import CKernel
internal import Glibc

/// What came of a dump.
public enum NetlinkOutcome: Equatable, Sendable {
    /// All of it was read.
    case whole
    /// All of it was read, and what it lists changed meanwhile: something may be missing or told twice.
    case interrupted
    /// The kernel refused with this `errno`.
    case refused(Int32)
    /// It made no sense.
    case malformed
    /// It ended too early: nothing came, a part did not fit, or there were too many.
    case unfinished

    /// Whether what was read can be relied on.
    public var isUsable: Bool { self == .whole || self == .interrupted }

    /// The `errno` that tells best why it cannot be relied on; `nil` where it can.
    public var code: Int32? {
        switch self {
        case .whole, .interrupted: nil
        case .refused(let code): code
        case .malformed: EBADMSG
        case .unfinished: EAGAIN
        }
    }
}

/// Asks for dumps on one socket that is kept open, with one buffer that is kept.
///
/// The kernel answers the first part of a dump within `send` and each further one within the `recv` before, so nothing
/// is ever waited for, except for a lock that the kernel holds meanwhile. Running a dump allocates nothing. After a dump
/// that did not come to its end the socket is opened anew, since the kernel would refuse the next one.
public struct NetlinkDump: ~Copyable {
    /// Bytes of the buffer: the kernel makes the parts of a dump at most this large.
    static let part = 32_768
    /// The most datagrams that are read for one dump.
    static let limit = 8_192

    private var socket: NetlinkSocket
    private let family: Int32?
    private var sequence: UInt32 = 0
    private var buffer = [UInt8](repeating: 0, count: part)

    /// Opens a socket.
    init(_ family: Int32) {
        self.family = family
        socket = NetlinkSocket(family)
    }

    /// Takes over a socket that is open and never opens it anew.
    init(adopting descriptor: Int32) {
        family = nil
        socket = NetlinkSocket(adopting: descriptor)
    }

    /// Runs one dump.
    ///
    /// - Parameters:
    ///   - request: What to ask for.
    ///   - take: Takes each message of the answer with the datagram that it lies in.
    /// - Returns: What came of it.
    mutating func run(
        _ request: inout NetlinkRequest,
        _ take: (NetlinkMessage, Span<UInt8>) -> Void
    ) -> NetlinkOutcome {
        if socket.openError != 0 { reopen() }
        guard socket.openError == 0 else { return .refused(socket.openError) }
        sequence &+= 1
        request.stamp(sequence)
        let code = socket.send(request)
        guard code == 0 else {
            reopen()
            return .refused(code)
        }
        var isInterrupted = false
        for _ in 0..<Self.limit {
            switch socket.receive(into: &buffer) {
            case .bytes(let count):
                guard let outcome = read(count, &isInterrupted, take) else { continue }
                if outcome == .malformed || outcome == .unfinished { reopen() }
                return outcome
            case .foreign: continue
            case .nothing, .truncated:
                reopen()
                return .unfinished
            case .failed(let code):
                reopen()
                return .refused(code)
            }
        }
        reopen()
        return .unfinished
    }

    /// Reads one datagram; `nil` where the dump goes on.
    private func read(
        _ count: Int,
        _ isInterrupted: inout Bool,
        _ take: (NetlinkMessage, Span<UInt8>) -> Void
    ) -> NetlinkOutcome? {
        let bytes = buffer.span.extracting(first: count)
        var messages = NetlinkMessages()
        while let message = messages.next(bytes) {
            // What is left of a dump that was given up.
            guard message.sequence == sequence else { continue }
            if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { isInterrupted = true }
            switch Int32(message.type) {
            case NLMSG_NOOP: continue
            case NLMSG_OVERRUN: return .unfinished
            case NLMSG_ERROR, NLMSG_DONE:
                // An error always carries its code; the end of a dump does where an error ended it.
                let code = Wire.uint32(bytes, message.payload.lowerBound).map { Int32(bitPattern: $0) }
                guard let code, message.payload.count >= 4 else {
                    return message.type == UInt16(NLMSG_DONE) ? Self.end(isInterrupted) : .malformed
                }
                return code < 0 ? .refused(code == .min ? EIO : -code) : Self.end(isInterrupted)
            default: take(message, bytes)
            }
        }
        return messages.malformed == nil ? nil : .malformed
    }

    /// What a dump that came to its end is worth.
    private static func end(_ isInterrupted: Bool) -> NetlinkOutcome { isInterrupted ? .interrupted : .whole }

    /// Opens the socket anew.
    private mutating func reopen() {
        if let family { socket = NetlinkSocket(family) }
    }
}
