/// A connection that the daemon goes on sending on, after the request was read; closed when it goes away.
public final class ControlStream: Sendable {
    private let connection: ControlConnection

    /// Takes over a connection.
    init(_ connection: ControlConnection) {
        self.connection = connection
    }

    /// Bounds how long a write may wait.
    ///
    /// - Parameter milliseconds: How long at most.
    public func limitWaiting(milliseconds: Int) {
        connection.limitWaiting(milliseconds: milliseconds)
    }

    /// Writes all bytes.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: `false` where the client went away or does not read.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool { connection.write(bytes) }
}
