/// A socket in the file system that somebody else serves.
public enum SocketFile {
    /// A socket that listens at a path; a stale file of a server that is gone is replaced.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - mode: Who may connect, as the file's mode.
    /// - Returns: Its descriptor, which the caller closes.
    /// - Throws: ``SocketError`` where it cannot be had, or somebody else listens there.
    public static func listen(at path: String, mode: UInt32) throws(SocketError) -> Int32 {
        try UnixSocket.listen(at: path, mode: mode).release()
    }
}
