internal import CLibvirt
internal import Signals

/// Names a call for error texts: the C function and, where there is one, the domain.
struct CallContext: Sendable {
    /// The C function.
    let function: String
    /// The domain.
    let vm: VMUUID?

    /// Names a call.
    init(_ function: String, _ vm: VMUUID? = nil) {
        self.function = function
        self.vm = vm
    }

    /// The text that goes into ``LibvirtError/context``.
    var text: String { vm.map { "\(function) of \($0)" } ?? function }

    /// A failure of this call that libvirt did not report.
    func failure(_ code: LibvirtError.Code, _ message: String) -> LibvirtError {
        LibvirtError(code: code, message: message, context: text)
    }

    /// The failure of this call where the XML that it gave is refused.
    func failure(_ problem: XMLScanner.Problem) -> LibvirtError {
        failure(.malformed, "line \(problem.line): \(problem.reason)")
    }

    /// The failure that libvirt recorded last on this thread.
    ///
    /// This is the only place where a failed call becomes an error. It must run on the thread that made the call,
    /// before any other libvirt call. The corresponding C function is `virGetLastError`.
    func lastFailure() -> LibvirtError {
        // SAFETY: the error belongs to this thread and lives until the next libvirt call on it; all is copied at once.
        guard let error = unsafe virGetLastError() else { return failure(.other(0), "libvirt recorded no reason") }
        let message = unsafe error.pointee.message.map { unsafe String(cString: $0) } ?? "no message"
        let code = unsafe LibvirtError.Code(number: error.pointee.code, origin: error.pointee.domain)
        return failure(code, message)
    }

    /// Passes a count or a status on and turns a negative one into the failure.
    @discardableResult
    func check(_ result: Int32) throws(LibvirtError) -> Int32 {
        guard result >= 0 else { throw lastFailure() }
        return result
    }
}
