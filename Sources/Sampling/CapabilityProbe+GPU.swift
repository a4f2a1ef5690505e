internal import HostReaders
internal import Signals

extension CapabilityProbe {
    /// GPUs of VMs.
    static func gpu(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = source(signal) + " (NVML)"
        let gpu = facts.gpu
        if let (why, remedy) = absence(gpu) {
            return Capability(signal: signal, state: .notAvailable(why), source: source, remedy: remedy)
        }
        if !gpu.passedThrough.isEmpty {
            let why = "\(gpu.passedThrough.count) of \(gpu.gpus.count) GPUs are passed through and not observable"
            return Capability(signal: signal, state: .degraded(why), source: source, remedy: inGuest)
        }
        switch signal {
        case .gpuMemUsed: return Capability(signal: signal, state: .available, source: source)
        case .gpuSMUtil, .gpuMemBandwidthUtil:
            let why = "of a vGPU that a MIG instance backs only while it is alone on its GPU, if at all"
            return Capability(signal: signal, state: .degraded(why), source: source)
        case .gpuXID:
            let why = "of a vGPU only while its VM has the GPU to itself, or where a MIG instance backs it"
            return Capability(signal: signal, state: .degraded(why), source: source)
        default:
            let why = "of a vGPU only while its VM has the GPU to itself"
            return Capability(signal: signal, state: .degraded(why), source: source)
        }
    }

    /// Why nothing is told of any GPU, and what to do; `nil` where something is.
    private static func absence(_ facts: GPUFacts) -> (why: String, remedy: String?)? {
        if facts.gpus.isEmpty { return ("this host has no NVIDIA GPU", nil) }
        if facts.seen.isEmpty {
            if facts.passedThrough.count == facts.gpus.count {
                return ("not observable: every NVIDIA GPU is passed through", inGuest)
            }
            let drivers = Set(facts.gpus.map { $0.driver ?? "no driver" }).sorted().joined(separator: ", ")
            let why = "no NVIDIA GPU is bound to the driver nvidia, but to \(drivers)"
            return (why, "install NVIDIA's driver and load it")
        }
        if !facts.hasLibrary {
            return ("libnvidia-ml.so.1 is not installed", "install the library of the driver, such as libnvidia-ml1")
        }
        if let library = facts.library, let driver = facts.driver, library != driver {
            let why = "the library is of release \(library) and the loaded driver of \(driver)"
            return (why, "reboot, or load the driver that is installed")
        }
        return nil
    }

    private static let inGuest = "observe a GPU that is passed through from within its guest"

    /// What of NVML a signal is read by.
    private static func source(_ signal: Signal) -> String {
        switch signal {
        case .gpuSMUtil, .gpuMemBandwidthUtil: "nvmlDeviceGetUtilizationRates, nvmlDeviceGetVgpuUtilization"
        case .gpuMemUsed: "nvmlDeviceGetMemoryInfo, nvmlVgpuInstanceGetFbUsage"
        case .gpuPower: "nvmlDeviceGetPowerUsage"
        case .gpuThrottleReasons: "nvmlDeviceGetCurrentClocksEventReasons"
        case .gpuECC: "nvmlDeviceGetTotalEccErrors"
        case .gpuXID: "nvmlEventSetWait"
        default: "nvmlDeviceGetPcieThroughput"
        }
    }
}
