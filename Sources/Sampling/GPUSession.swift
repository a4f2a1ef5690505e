internal import HostReaders

/// NVML while it is open, with the GPUs attached to it.
final class GPUSession {
    /// The library.
    private(set) var nvml: NVML
    /// The GPUs by address, or why one could not be attached.
    private(set) var gpus: [String: Result<NVMLDevice, NVMLError>] = [:]

    /// Loads and initialises the library.
    init(path: String) throws(NVMLError) {
        nvml = try NVML(path: path)
    }

    /// Attaches a GPU, or tells what came of it before.
    ///
    /// - Parameter address: Its address on the PCI bus.
    /// - Returns: The GPU, or why it cannot be attached.
    func attach(_ address: String) -> Result<NVMLDevice, NVMLError> {
        if let known = gpus[address] { return known }
        let result: Result<NVMLDevice, NVMLError>
        do {
            result = .success(try nvml.attach(address))
        } catch {
            result = .failure(error)
        }
        gpus[address] = result
        return result
    }
}
