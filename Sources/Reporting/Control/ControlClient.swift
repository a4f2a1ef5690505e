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
        let milliseconds = seconds * 1_000
        let isSent = socket.write(line + [UInt8(ascii: "\n")], within: milliseconds)
        let sending = errno
        // A daemon that will hear no more may have said why.
        let answer = socket.readLine(limit: 16 << 20, within: milliseconds)
        let receiving = errno
        if let answer, isSent || !answer.isEmpty { return Data(answer) }
        throw isSent
            ? SocketError(call: "receive", path: path, number: receiving)
            : SocketError(call: "send", path: path, number: sending)
    }
}
