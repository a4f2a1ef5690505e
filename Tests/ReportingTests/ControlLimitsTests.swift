import Foundation
import Glibc
@testable import Reporting
import Testing

@Suite("How much of the daemon clients of the control socket may take")
struct ControlLimitsTests {
    private var rate: RequestRate

    init() {
        var limits = ControlLimits()
        limits.burst = 3
        limits.perSecond = 2
        rate = RequestRate(limits)
    }

    private mutating func admits(_ user: UInt32, _ now: Double) {
        let wait = take(user, now)
        #expect(wait == nil, "user \(user) at \(now)")
    }

    private mutating func refuses(_ user: UInt32, _ now: Double) {
        let wait = take(user, now)
        #expect(wait != nil, "user \(user) at \(now)")
    }

    private mutating func take(_ user: UInt32, _ now: Double) -> Double? { rate.take(user, now: now) }

    @Test("A user may ask a burst at once and then so many a second; the wait that is told is enough")
    mutating func rates() {
        for _ in 0..<3 { admits(7, 100) }
        let wait = take(7, 100)
        #expect(wait == 0.5)
        refuses(7, 100.499)
        admits(7, 100.5)
        refuses(7, 100.5)
    }

    @Test("A bucket never holds more than the burst, and users do not take from each other")
    mutating func bounds() {
        admits(7, 0)
        for _ in 0..<3 { admits(7, 1e6) }
        refuses(7, 1e6)
        admits(8, 1e6)
    }

    @Test("A clock that goes back gives nobody anything at once, and nobody waits for it to catch up")
    mutating func clock() {
        for _ in 0..<3 { admits(7, 100) }
        refuses(7, 50)
        admits(7, 50.5)
    }

    @Test("However many users ask, one whose bucket is empty is not forgotten for another's sake")
    mutating func manyUsers() {
        for _ in 0..<3 { admits(7, 0) }
        for user in 1_000..<2_000 as Range<UInt32> { admits(user, 0) }
        refuses(7, 0)
    }

    @Test("So many places for each, so many for all; root's are its own, and a place left is free again")
    func seats() {
        let seats = UserSeats(3, each: 2, root: 4)
        var taken = (0..<2).map { _ in seats.take(7) }
        #expect(taken.allSatisfy { $0 != nil } && seats.take(7) == nil)
        taken.append(seats.take(8))
        #expect(taken[2] != nil && seats.take(8) == nil && seats.take(9) == nil)
        let roots = (0..<4).map { _ in seats.take(0) }
        #expect(roots.allSatisfy { $0 != nil } && seats.take(0) == nil)
        taken.removeFirst()
        #expect(seats.take(9) != nil)
    }

    @Test("A line has its time as a whole: who sends a byte at a time does not get more")
    func trickle() throws {
        let pair = try SocketPair()
        var now = 0.0
        let line = pair.near.readLine(limit: 4_096, within: 500) {
            defer { now += 60 }
            pair.far.write([UInt8(ascii: "a")])
            return now
        }
        #expect(line == nil)
        #expect(now < 700)
    }

    @Test("A line that is done within its time is read, up to the newline, the end and the limit and not beyond")
    func lines() throws {
        let pair = try SocketPair()
        pair.far.write(Array("abc\nd".utf8))
        var line = pair.near.readLine(limit: 3, within: 10_000)
        #expect(line == Array("abc".utf8))
        pair.far.write(Array("abcd\n".utf8))
        line = pair.near.readLine(limit: 3, within: 10_000)
        #expect(line == nil)
        pair.far.write(Array("ef".utf8))
        shutdown(pair.far.descriptor, Int32(SHUT_WR))
        line = pair.near.readLine(limit: 3, within: 10_000)
        #expect(line == Array("ef".utf8))
        line = pair.near.readLine(limit: 3, within: 10_000)
        #expect(line == [])
    }

    @Test("What the peer does not read is not waited for beyond its time")
    func unread() throws {
        let pair = try SocketPair()
        let isTaken = pair.near.write([UInt8](repeating: 1, count: 8 << 20), within: 0)
        #expect(!isTaken)
        shutdown(pair.far.descriptor, Int32(SHUT_RDWR))
        let isTakenLater = pair.near.write([1], within: 10_000)
        #expect(!isTakenLater)
    }
}

/// Two sockets, each the other's peer.
struct SocketPair: ~Copyable {
    let near: UnixSocket
    let far: UnixSocket

    init() throws {
        var ends: [Int32] = [-1, -1]
        // SAFETY: socketpair writes two descriptors into the array.
        let made = unsafe ends.withUnsafeMutableBufferPointer {
            unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, $0.baseAddress)
        }
        try #require(made == 0)
        near = UnixSocket(adopting: ends[0])
        far = UnixSocket(adopting: ends[1])
    }
}
