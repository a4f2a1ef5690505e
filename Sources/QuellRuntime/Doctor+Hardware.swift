import Enforcement
import Glibc
import HostReaders
import Sampling
import Signals

extension Doctor {
    /// What of caches, memory bandwidth and GPUs can be taken from a VM, and why not the rest.
    ///
    /// - Parameters:
    ///   - roots: Where the host's trees are.
    ///   - isRoot: Whether the caller is root.
    ///   - libraries: Directories to look for NVML in.
    /// - Returns: A line for each.
    static func hardware(
        _ roots: HostRoots,
        isRoot: Bool = geteuid() == 0,
        libraries: [String] = GPUFacts.usualLibraries
    ) -> [DoctorReport.Line] {
        let gpu = GPUFacts(probing: roots, libraries: libraries)
        let mayAdminister = HostFacts.mayAdminister(roots)
        return [
            cacheGroups(CacheHost(roots: roots, isRoot: isRoot)),
            limit("GPU power limit", "nvmlDeviceSetPowerManagementLimit", gpu, mayAdminister),
            limit("GPU clocks", "nvmlDeviceSetApplicationsClocks", gpu, mayAdminister),
            schedule(gpu),
        ]
    }

    /// Control groups of resctrl.
    private static func cacheGroups(_ host: CacheHost) -> DoctorReport.Line {
        var line = DoctorReport.Line(
            name: "cache groups",
            state: "available",
            why: nil,
            source: host.tree.map { "resctrl, \($0.mountPoint)" } ?? "resctrl",
            remedy: nil
        )
        if let trouble = host.trouble {
            line.state = "not available"
            line.why = trouble.why
            line.remedy = trouble.remedy
        } else if let plan = try? host.plan(for: CacheGroups.throttled) {
            line.source += ", \(CacheGroups.throttled) with \(plan.schemata.line)"
            if let why = plan.bandwidthTrouble {
                line.state = "degraded"
                line.why = why
                line.remedy = "mount resctrl without mba_MBps"
            }
        }
        return line
    }

    /// A limit of a whole GPU.
    private static func limit(
        _ name: String,
        _ function: String,
        _ gpu: GPUFacts,
        _ mayAdminister: Bool
    ) -> DoctorReport.Line {
        var line = DoctorReport.Line(
            name: name,
            state: "not available",
            why: nil,
            source: "\(function) (NVML)",
            remedy: nil
        )
        if !gpu.gpus.isEmpty, gpu.passedThrough.count == gpu.gpus.count {
            line.why = "alerts only: every NVIDIA GPU is passed through"
        } else if let (why, remedy) = gpu.absence {
            line.why = why
            line.remedy = remedy
        } else if !mayAdminister {
            line.why = "NVIDIA's driver takes it from those with CAP_SYS_ADMIN alone"
            line.remedy = "gpu.conf as a drop-in of the unit"
        } else {
            line.state = "degraded"
            line.why = "only while one VM has the GPU to itself"
            if !gpu.passedThrough.isEmpty {
                line.why? += "; \(gpu.passedThrough.count) of \(gpu.gpus.count) GPUs are passed through: alerts only"
            }
        }
        return line
    }

    /// How a GPU shares its time among vGPUs.
    private static func schedule(_ gpu: GPUFacts) -> DoctorReport.Line {
        let why = "NVIDIA's driver takes another schedule only while no vGPU is on the GPU, so never against a VM"
        return DoctorReport.Line(
            name: "vGPU schedule",
            state: "not available",
            why: gpu.absence?.why ?? why,
            source: "nvmlDeviceSetVgpuSchedulerState (NVML)",
            remedy: gpu.absence == nil ? "set it with nvidia-smi vgpu before VMs start" : nil
        )
    }
}
