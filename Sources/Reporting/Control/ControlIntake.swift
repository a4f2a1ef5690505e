import Foundation
import Glibc
import Synchronization

/// Accepts clients, refuses those that may not ask or who ask too much, and reads the requests of the others.
final class ControlIntake: Sendable {
    private let access: ControlAccess
    private let limits: ControlLimits
    private let clock: @Sendable () -> Double
    private let take: @Sendable (ControlRequest, ControlConnection) -> Void
    private let seats: UserSeats
    private let rate: Mutex<RequestRate>

    /// An intake.
    ///
    /// - Parameters:
    ///   - access: Who may ask what.
    ///   - limits: How much they may ask.
    ///   - clock: Seconds of a clock that does not go back.
    ///   - take: Takes a request, and the connection to answer it on.
    init(
        access: ControlAccess,
        limits: ControlLimits,
        clock: @escaping @Sendable () -> Double,
        take: @escaping @Sendable (ControlRequest, ControlConnection) -> Void
    ) {
        self.access = access
        self.limits = limits
        self.clock = clock
        self.take = take
        seats = UserSeats(limits.connections, each: limits.connectionsOfOne, root: limits.connectionsOfRoot)
        rate = Mutex(RequestRate(limits))
    }

    /// Accepts until the listening socket is shut down; never waits for a client.
    ///
    /// - Parameter listening: The listening socket.
    func accept(on listening: Int32) {
        while true {
            let accepted = Glibc.accept(listening, nil, nil)
            if accepted < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS {
                    usleep(100_000)
                    continue
                }
                return
            }
            _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
            admit(UnixSocket(adopting: accepted))
        }
    }

    private func admit(_ socket: consuming UnixSocket) {
        guard let peer = ControlPeer(of: socket.descriptor) else {
            return socket.refuse(ControlProblem(error: "who asks cannot be told"))
        }
        if let refusal = access.refusal(of: peer) { return socket.refuse(refusal) }
        if !access.isPrivileged(peer), let refusal = refusalForNumber(of: peer) { return socket.refuse(refusal) }
        guard let seat = seats.take(peer.user) else {
            return socket.refuse(
                ControlProblem(error: "too many connections: retry after one of those under way has ended")
            )
        }
        let connection = ControlConnection(socket, peer: peer, seat: seat)
        Self.onThread { [self] in read(connection) }
    }

    private func read(_ connection: ControlConnection) {
        let request = connection.request(access, limits)
        do throws(ControlProblem) {
            // Only root may change anything, and it must never be kept from letting somebody go.
            let changes = (try? request.get().kind.changes) ?? false
            if access.isPrivileged(connection.peer), !changes, let refusal = refusalForNumber(of: connection.peer) {
                throw refusal
            }
            take(try request.get(), connection)
        } catch {
            connection.finish(error.json, limits)
        }
    }

    private func refusalForNumber(of peer: ControlPeer) -> ControlProblem? {
        guard let wait = rate.withLock({ $0.take(peer.user, now: clock()) }) else { return nil }
        return ControlProblem(error: "too many requests: retry after \(Int((wait * 1_000).rounded(.up))) ms")
    }

    /// Does something on a thread of its own.
    static func onThread(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = "quell-client"
        thread.start()
    }
}

extension UnixSocket {
    /// Says why nothing is answered, without waiting, and closes.
    fileprivate consuming func refuse(_ problem: ControlProblem) {
        write([UInt8](problem.json) + [UInt8(ascii: "\n")], within: 0)
    }
}
