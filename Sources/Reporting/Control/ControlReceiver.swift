public import Foundation
import Glibc

/// A connection to the daemon on which more comes than one answer.
public final class ControlReceiver {
    /// What came of waiting for bytes.
    public enum Arrival: Equatable, Sendable {
        /// These came.
        case bytes([UInt8])
        /// None came in time.
        case nothing
        /// None will come: the daemon has closed the connection.
        case end
    }

    private let socket: UnixSocket
    private let path: String
    private var rest: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 64 << 10)

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - path: The socket's path.
    ///   - milliseconds: How long to wait for bytes, each time.
    /// - Throws: ``SocketError`` where no daemon answers.
    public init(_ request: ControlRequest, path: String, waiting milliseconds: Int = 250) throws {
        let line = try [UInt8](JSONEncoder().encode(request))
        self.path = path
        self.socket = try UnixSocket.connect(to: path)
        socket.limitWaiting(milliseconds: milliseconds)
        guard socket.write(line + [UInt8(ascii: "\n")]) else {
            throw SocketError(call: "send", path: path, number: errno)
        }
    }

    /// The answer's first line; what follows is for ``receive()``.
    ///
    /// - Parameter tries: How often to wait for bytes.
    /// - Returns: The line.
    /// - Throws: ``SocketError`` where none comes.
    public func line(tries: Int = 40) throws(SocketError) -> Data {
        for _ in 0..<tries {
            switch receive() {
            case .bytes(let bytes):
                rest.append(contentsOf: bytes)
                guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { continue }
                let line = Data(rest[..<end])
                rest.removeFirst(end + 1)
                return line
            case .nothing: continue
            case .end: throw SocketError(call: "the daemon closed the connection", path: path, number: 0)
            }
        }
        throw SocketError(call: "no answer in time", path: path, number: 0)
    }

    /// Waits for bytes.
    ///
    /// - Returns: What came of it.
    public func receive() -> Arrival {
        if !rest.isEmpty {
            defer { rest = [] }
            return .bytes(rest)
        }
        let room = chunk.count
        // SAFETY: at most `room` bytes are written into `chunk`.
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(socket.descriptor, $0.baseAddress, room, 0) }
        if count > 0 { return .bytes(Array(chunk[..<count])) }
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? .nothing : .end
    }
}
