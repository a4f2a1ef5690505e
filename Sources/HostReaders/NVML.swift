internal import CKernel
internal import Glibc

/// NVIDIA's management library, loaded at run time and initialised.
///
/// The library belongs to the driver, so Quell is not linked with it; a function that an old driver lacks makes the one
/// reading that needs it fail with ``NVMLError/Code/noFunction``. Initialising touches no GPU yet: each that is attached
/// is held open until the library is closed, and a GPU that any process holds open cannot be unbound from its driver to
/// be passed through. So GPUs are attached one by one, by address, and the library is closed when they are not read any
/// more. Calls take microseconds to tens of milliseconds, and may wait for the driver for longer.
@safe public struct NVML: ~Copyable {
    /// The name by which the loader finds the library.
    public static let soname = "libnvidia-ml.so.1"

    /// The functions that the library has.
    let calls: quell_nvml_calls
    /// The GPUs that were attached.
    private(set) var handles: [OpaquePointer] = unsafe []
    /// Where events of the attached GPUs arrive; `nil` until one is attached.
    private(set) var eventSet: OpaquePointer?
    private let library: UnsafeMutableRawPointer

    /// Loads and initialises the library; blocks.
    ///
    /// The corresponding C functions are `dlopen` and `nvmlInit_v2`.
    ///
    /// - Parameter path: The library's file, or a name for the loader to find.
    /// - Throws: ``NVMLError`` where it is not there, is something else or finds no driver.
    public init(path: String = NVML.soname) throws(NVMLError) {
        // SAFETY: the path is a copy that outlives the call; loading runs the library's own constructors and no more.
        guard let library = unsafe dlopen(path, RTLD_LAZY | RTLD_LOCAL) else {
            // SAFETY: the loader's message lives until this thread's next call of the loader.
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "cannot be loaded"
            throw NVMLError(.noLibrary, in: "dlopen(\(path))", reason)
        }
        let calls = unsafe quell_nvml_resolve(library)
        do {
            try Self.check(calls.initialize?(), in: "nvmlInit_v2", calls)
        } catch {
            _ = unsafe dlclose(library)
            throw error
        }
        unsafe self.library = library
        self.calls = calls
    }

    deinit {
        // SAFETY: the set was made by this library and is freed once, before the library is shut down and closed.
        if let eventSet = unsafe eventSet { _ = unsafe calls.free_event_set?(eventSet) }
        _ = calls.shut_down?()
        _ = unsafe dlclose(library)
    }

    /// Attaches a GPU, which then stays open until the library is closed; blocks.
    ///
    /// Its events are recorded from here on, where it has any and somebody is to take them. The corresponding C functions are
    /// `nvmlDeviceGetHandleByPciBusId_v2` and `nvmlDeviceRegisterEvents`.
    ///
    /// - Parameters:
    ///   - address: Its address on the PCI bus, such as `0000:3b:00.0`.
    ///   - recordsEvents: Whether its events are taken.
    /// - Returns: The GPU.
    /// - Throws: ``NVMLError`` where NVML does not see it or cannot talk to it.
    public mutating func attach(_ address: String, recordsEvents: Bool = true) throws(NVMLError) -> NVMLDevice {
        var handle: OpaquePointer?
        // SAFETY: the address is a copy that outlives the call, and NVML writes one handle.
        let code = unsafe calls.device_by_address?(address, &handle)
        try check(code, in: "nvmlDeviceGetHandleByPciBusId_v2")
        guard let handle = unsafe handle else {
            throw NVMLError(.malformed, in: "nvmlDeviceGetHandleByPciBusId_v2", "no handle for \(address)")
        }
        unsafe handles.append(handle)
        return unsafe NVMLDevice(index: handles.count - 1, hasEvents: recordsEvents && register(handle))
    }

    /// Has the Xid errors of a GPU recorded; `false` where it has no such events.
    private mutating func register(_ handle: OpaquePointer) -> Bool {
        // SAFETY: NVML writes one pointer, which this value owns from here on.
        if unsafe eventSet == nil {
            guard unsafe calls.event_set?(&eventSet) == 0, unsafe eventSet != nil else { return false }
        }
        return unsafe calls.register_events?(handle, QUELL_NVML_EVENT_XID, eventSet) == 0
    }

    /// The handle of a GPU.
    func handle(of device: NVMLDevice, in function: StaticString) throws(NVMLError) -> OpaquePointer {
        guard unsafe device.index < handles.count else {
            throw NVMLError(.invalidArgument, in: "\(function)", "the GPU is not attached")
        }
        // SAFETY: handles are only added, and live as long as the library is initialised.
        return unsafe handles[device.index]
    }

    /// Turns what a call gave back into an error where it failed.
    func check(_ code: quell_nvml_return?, in function: StaticString) throws(NVMLError) {
        try Self.check(code, in: function, calls)
    }

    /// The one place where NVML's numbers become errors; `nil` stands for a function that the library lacks.
    ///
    /// The corresponding C function is `nvmlErrorString`.
    private static func check(
        _ code: quell_nvml_return?,
        in function: StaticString,
        _ calls: quell_nvml_calls
    ) throws(NVMLError) {
        guard let code else { throw NVMLError(.noFunction, in: "\(function)", "not in this release of NVML") }
        guard code != 0 else { return }
        // SAFETY: NVML's texts are constants of the library, which is open, and are copied here.
        let text = unsafe calls.error_string?(code).map { unsafe String(cString: $0) }
        throw NVMLError(.init(number: code), in: "\(function)", text ?? "error \(code)")
    }
}

/// A GPU that was attached, good for the ``NVML`` that attached it.
public struct NVMLDevice: Sendable, Equatable {
    /// Its place among the attached GPUs.
    let index: Int
    /// Whether its Xid errors are recorded.
    public let hasEvents: Bool
}
