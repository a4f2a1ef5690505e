public import Foundation

/// Asks a running daemon one thing over its control socket.
public struct ControlClient: Sendable {
    /// The socket's path.
    public let path: String

    /// A client of the daemon at a path.
    ///
    /// - Parameter path: The socket's path.
    public init(path: String) {
        self.path = path
    }

    /// Whether a daemon answers at the path.
    public var daemonIsThere: Bool {
        (try? UnixSocket.connect(to: path)) != nil
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - seconds: How long to wait for the answer.
    /// - Returns: The answer, a JSON document.
    /// - Throws: ``SocketError`` where no daemon answers.
    public func ask(_ request: ControlRequest, withinSeconds seconds: Int = 30) throws -> Data {
        try ask(line: [UInt8](JSONEncoder().encode(request)), withinSeconds: seconds)
    }

    /// Sends a line as it is and waits for the whole answer.
    func ask(line: [UInt8], withinSeconds seconds: Int) throws(SocketError) -> Data {
        let socket = try UnixSocket.connect(to: path)
        socket.limitWaiting(milliseconds: seconds * 1_000)
        guard socket.write(line + [UInt8(ascii: "\n")]) else {
            throw SocketError(call: "send", path: path, number: errno)
        }
        guard let answer = socket.readLine(limit: 16 << 20) else {
            throw SocketError(call: "receive", path: path, number: errno)
        }
        return Data(answer)
    }
}
