public import HostReaders

/// NVML while it is open, with the GPUs attached to it.
public final class GPUSession {
    /// The library.
    public private(set) var nvml: NVML
    /// The GPUs by address, or why one could not be attached.
    private(set) var gpus: [String: Result<NVMLDevice, NVMLError>] = [:]

    private let recordsEvents: Bool

    /// Loads and initialises the library.
    ///
    /// - Parameters:
    ///   - path: NVML's file, or a name for the loader to find.
    ///   - recordsEvents: Whether events of the GPUs are taken.
    /// - Throws: `NVMLError` where it cannot be had.
    public init(path: String, recordsEvents: Bool = true) throws(NVMLError) {
        self.recordsEvents = recordsEvents
        nvml = try NVML(path: path)
    }

    /// Attaches a GPU, or tells what came of it before.
    ///
    /// - Parameter address: Its address on the PCI bus.
    /// - Returns: The GPU, or why it cannot be attached.
    public func attach(_ address: String) -> Result<NVMLDevice, NVMLError> {
        if let known = gpus[address] { return known }
        let result: Result<NVMLDevice, NVMLError>
        do {
            result = .success(try nvml.attach(address, recordsEvents: recordsEvents))
        } catch {
            result = .failure(error)
        }
        gpus[address] = result
        return result
    }
}
