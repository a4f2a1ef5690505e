import Foundation

/// A client's connection: who it is, its place among the others, and its descriptor, closed when this goes away.
final class ControlConnection: Sendable {
    /// Who is at the other end.
    let peer: ControlPeer
    private let socket: UnixSocket
    private let seat: UserSeats.Seat

    /// A connection that has a place.
    init(_ socket: consuming UnixSocket, peer: ControlPeer, seat: UserSeats.Seat) {
        self.socket = socket
        self.peer = peer
        self.seat = seat
    }

    /// The request that the client sends.
    ///
    /// - Parameters:
    ///   - access: Who may ask what.
    ///   - limits: How long it may take.
    /// - Returns: The request, or why it is none or may not be asked.
    func request(_ access: ControlAccess, _ limits: ControlLimits) -> Result<ControlRequest, ControlProblem> {
        do throws(ControlProblem) {
            guard let line = socket.readLine(limit: ControlServer.longestRequest, within: limits.patience) else {
                throw ControlProblem(
                    error: "no request of at most \(ControlServer.longestRequest) bytes in \(limits.patience) ms"
                )
            }
            var request = try ControlRequest(line: line)
            if let refusal = access.refusal(of: peer, asking: request.kind) { throw refusal }
            request.user = peer.user
            if request.kind.changes { request.who = peer.name }
            return .success(request)
        } catch {
            return .failure(error)
        }
    }

    /// Sends an answer, and waits until the client has taken it and sent all that it had to send.
    ///
    /// A socket that is closed with bytes unread resets the connection, and the answer may be lost.
    func finish(_ answer: Data, _ limits: ControlLimits) {
        guard socket.write([UInt8](answer) + [UInt8(ascii: "\n")], within: limits.answerPatience) else { return }
        socket.drain(within: limits.patience)
    }

    /// Writes all bytes, each part within the limit of ``limitWaiting(milliseconds:)``.
    func write(_ bytes: [UInt8]) -> Bool { socket.write(bytes) }

    /// Bounds how long a write may wait.
    func limitWaiting(milliseconds: Int) { socket.limitWaiting(milliseconds: milliseconds) }
}
