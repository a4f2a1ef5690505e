import Foundation
import Glibc

/// The mount namespace of a run: all that is bound over the host's files is seen by this run alone.
///
/// It is also how the run knows its own processes: whoever is in this namespace was started by it.
enum Namespace {
    /// Tells the second life of the program from the first.
    private static let marker = "QUELL_INTEGRATION_NAMESPACE"

    /// Starts this program again in a mount namespace of its own; returns only there.
    ///
    /// The process id stays the same. The corresponding C function is `execv`.
    ///
    /// - Throws: ``BedError`` if that is not possible.
    static func enter() throws(BedError) {
        let host = identity(of: "self")
        if let before = ProcessInfo.processInfo.environment[marker] {
            // SAFETY: this program has one thread so far, and the strings outlive the calls; the same below.
            _ = unsafe unsetenv(marker)
            guard let host, host != before else {
                throw .missing("this program is not in a mount namespace of its own")
            }
            return
        }
        guard getuid() == 0 else { throw .missing("must run as root: it starts libvirtd and boots guests") }
        guard let host, let itself = Files.target(ofLink: "/proc/self/exe") else { throw .missing("no /proc") }
        guard let unshare = Child.path(of: "unshare") else { throw .missing("no unshare: install util-linux") }
        _ = unsafe setenv(marker, host, 1)
        let words = [unshare, "--mount", "--propagation", "private", itself] + CommandLine.arguments.dropFirst()
        // SAFETY: the array ends with a null pointer and its strings live until the call replaces this program.
        unsafe execv(unshare, words.map { unsafe strdup($0) } + [nil])
        throw .cannotStart(program: unshare, why: "errno \(errno)")
    }

    /// The processes of this namespace but this one: all that the run has started and that still lives.
    static var processes: [Int32] {
        guard let own = identity(of: "self") else { return [] }
        return Files.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            pid != getpid() && identity(of: "\(pid)") == own
        }
    }

    /// The name of a process's mount namespace, or `nil` where the process is gone.
    private static func identity(of process: String) -> String? {
        Files.target(ofLink: "/proc/\(process)/ns/mnt")
    }
}
