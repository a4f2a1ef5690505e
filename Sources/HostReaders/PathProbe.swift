internal import Glibc

/// A path that is looked for again and again; unlike `HostDirectory.exists` it allocates nothing.
public struct PathProbe: Sendable {
    private let bytes: ContiguousArray<CChar>

    /// Keeps a path.
    ///
    /// - Parameter path: The path.
    public init(_ path: String) {
        bytes = path.utf8CString
    }

    /// Whether the path is there now.
    ///
    /// The corresponding C function is `access`.
    public var exists: Bool {
        // SAFETY: the bytes end with a NUL and outlive the call.
        unsafe bytes.withUnsafeBufferPointer { path in
            guard let base = path.baseAddress else { return false }
            return unsafe access(base, F_OK) == 0
        }
    }
}
