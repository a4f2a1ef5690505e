internal import Glibc

/// Whether a file may be read.
public enum FileAccess: Sendable, Equatable {
    /// It may.
    case readable
    /// It is there and the kernel refuses it to this process.
    case denied
    /// It is not there.
    case absent

    /// Sorts the `errno` of an `open` that failed.
    init(openError code: Int32) {
        self = code == EACCES || code == EPERM ? .denied : .absent
    }

    /// Tries to open a file for reading.
    ///
    /// - Parameter path: The file.
    public init(_ path: String) {
        let (directory, name) = HostDirectory.split(path)
        let file = KernelFile(directory: directory, name: name)
        self = file.isOpen ? .readable : FileAccess(openError: file.openError)
    }
}
