internal import HostReaders
internal import Signals

extension CapabilityProbe {
    /// GPUs of VMs.
    static func gpu(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = source(signal) + " (NVML)"
        let gpu = facts.gpu
        if let (why, remedy) = gpu.absence {
            return Capability(signal: signal, state: .notAvailable(why), source: source, remedy: remedy)
        }
        if !gpu.passedThrough.isEmpty {
            let why = "\(gpu.passedThrough.count) of \(gpu.gpus.count) GPUs are passed through and not observable"
            return Capability(signal: signal, state: .degraded(why), source: source, remedy: GPUFacts.inGuest)
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
