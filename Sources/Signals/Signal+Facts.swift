extension Signal {
    /// The table of names, units and meanings.
    var facts: Facts {
        switch self {
        case .cpuUsage: Facts("cpu.usage", .cores, "CPU time used by the VM, its emulator and I/O threads included")
        case .cpuRunDelay:
            Facts("cpu.run_delay", .secondsPerSecond, "time its vCPUs waited to run, per vCPU: steal to the guest")
        case .cpuPressureSome:
            Facts("cpu.pressure.some", .secondsPerSecond, "time in which any of its threads waited for a CPU")
        case .cpuPressureFull:
            Facts("cpu.pressure.full", .secondsPerSecond, "time in which all its threads waited for a CPU")
        case .cpuThrottled:
            Facts("cpu.throttled", .secondsPerSecond, "time its vCPUs were held by a quota, per vCPU")
        case .cpuSystemShare: Facts("cpu.system_share", .ratio, "share of its CPU time spent in the host kernel")
        case .cpuMigrations: Facts("cpu.migrations", .perSecond, "moves of its vCPUs between host CPUs")
        case .memRSS: Facts("mem.rss", .bytes, "host memory charged to the VM")
        case .memBalloonUsable: Facts("mem.balloon_usable", .bytes, "memory the guest says it could use without swap")
        case .memSwapIn: Facts("mem.swap_in", .bytesPerSecond, "guest memory read back from swap")
        case .memSwapOut: Facts("mem.swap_out", .bytesPerSecond, "guest memory written to swap")
        case .memMajorFaults: Facts("mem.major_faults", .perSecond, "page faults that needed a read")
        case .memPressureSome:
            Facts("mem.pressure.some", .secondsPerSecond, "time in which any of its threads waited for memory")
        case .memPressureFull:
            Facts("mem.pressure.full", .secondsPerSecond, "time in which all its threads waited for memory")
        case .memGrowth: Facts("mem.growth", .bytesPerSecond, "growth of the host memory charged to the VM")
        case .memOOMEvents: Facts("mem.oom_events", .perSecond, "out-of-memory kills in its cgroup")
        case .memSwapHeld: Facts("mem.swap_held", .bytes, "memory of the VM that the host has swapped out")
        case .memDirtyRate: Facts("mem.dirty_rate", .bytesPerSecond, "guest memory dirtied")
        case .llcOccupancy: Facts("llc.occupancy", .bytes, "last-level cache held")
        case .mbmTotal: Facts("mbm.total", .bytesPerSecond, "memory bandwidth, all nodes")
        case .mbmLocal: Facts("mbm.local", .bytesPerSecond, "memory bandwidth, own node")
        case .perfCPI: Facts("perf.cpi", .cyclesPerInstruction, "cycles per instruction")
        case .perfLLCMissRate: Facts("perf.llc_miss_rate", .perSecond, "last-level cache misses")
        case .busSplitLocks: Facts("bus.split_locks", .perSecond, "split locks trapped by the host kernel")
        case .diskReadBytes: Facts("disk.read_bytes", .bytesPerSecond, "bytes read from storage")
        case .diskWriteBytes: Facts("disk.write_bytes", .bytesPerSecond, "bytes written to storage")
        case .diskReadOps: Facts("disk.read_ops", .perSecond, "read requests")
        case .diskWriteOps: Facts("disk.write_ops", .perSecond, "write requests")
        case .diskLatency: Facts("disk.latency", .seconds, "mean time of a read or write request")
        case .diskFlushes: Facts("disk.flushes", .perSecond, "flush requests")
        case .diskAllocation:
            Facts("disk.allocation", .bytesPerSecond, "growth of the space its disks take on the host")
        case .ioPressureSome:
            Facts("io.pressure.some", .secondsPerSecond, "time in which any of its threads waited for storage")
        case .ioPressureFull:
            Facts("io.pressure.full", .secondsPerSecond, "time in which all its threads waited for storage")
        case .netRxBytes: Facts("net.rx_bytes", .bytesPerSecond, "bytes the guest received")
        case .netTxBytes: Facts("net.tx_bytes", .bytesPerSecond, "bytes the guest sent")
        case .netRxPackets: Facts("net.rx_packets", .perSecond, "packets the guest received")
        case .netTxPackets: Facts("net.tx_packets", .perSecond, "packets the guest sent")
        case .netDrops: Facts("net.drops", .perSecond, "packets dropped on its interfaces, both ways")
        case .netErrors: Facts("net.errors", .perSecond, "packets in error on its interfaces, both ways")
        case .netMulticast: Facts("net.multicast", .perSecond, "multicast packets the guest sent")
        case .netSpoofed: Facts("net.spoofed", .perSecond, "packets dropped by its anti-spoof filter")
        case .netNeighbours: Facts("net.neighbours", .count, "distinct source addresses seen on its ports")
        case .gpuSMUtil: Facts("gpu.sm_util", .ratio, "share of time its GPU was busy")
        case .gpuMemUsed: Facts("gpu.mem_used", .bytes, "GPU memory held")
        case .gpuMemBandwidthUtil: Facts("gpu.mem_bw_util", .ratio, "share of time its GPU memory was busy")
        case .gpuPower: Facts("gpu.power", .watts, "power drawn by its GPU")
        case .gpuThrottleReasons: Facts("gpu.throttle_reasons", .count, "reasons that hold its GPU's clocks down")
        case .gpuECC: Facts("gpu.ecc", .perSecond, "uncorrected memory errors of its GPU")
        case .gpuXID: Facts("gpu.xid", .perSecond, "driver error events of its GPU")
        case .gpuPCIeRx: Facts("gpu.pcie_rx", .bytesPerSecond, "bytes its GPU received over PCIe")
        case .gpuPCIeTx: Facts("gpu.pcie_tx", .bytesPerSecond, "bytes its GPU sent over PCIe")
        case .pciAERErrors:
            Facts("pci.aer_errors", .perSecond, "PCIe errors of the devices passed through to it")
        case .pciIOMMUFaults:
            Facts("pci.iommu_faults", .perSecond, "DMA faults of the devices passed through to it")
        case .kvmExits: Facts("kvm.exits", .perSecond, "exits from the guest to the hypervisor")
        case .kvmHaltPolls: Facts("kvm.halt_polls", .perSecond, "polls before a halted vCPU slept")
        case .irqInjections: Facts("irq.injections", .perSecond, "interrupts injected into the guest")
        case .qemuThreads: Facts("qemu.threads", .count, "threads of its QEMU process and its helpers")
        case .qemuFDs: Facts("qemu.fds", .count, "descriptors open in its QEMU process")
        case .qemuRunDelay:
            Facts("qemu.run_delay", .secondsPerSecond, "time its emulator and I/O threads waited to run, per thread")
        case .libvirtLatency: Facts("libvirt.latency", .seconds, "time of the last libvirt call for this VM")
        case .libvirtJobAge: Facts("libvirt.job_age", .seconds, "how long the job under way on it has run")
        case .vmAnomaly: Facts("vm.anomaly", .ratio, "how unlike itself the VM behaves, over all its counters together")
        case .hostCPUUsage:
            Facts("host.cpu_usage", .cores, "CPU time used on the host, by VMs and by all else", scope: .host)
        case .hostCPUPressure:
            Facts("host.cpu_pressure", .secondsPerSecond, "time in which some task waited for a CPU", scope: .host)
        case .hostMemPressure:
            Facts("host.mem_pressure", .secondsPerSecond, "time in which some task waited for memory", scope: .host)
        case .hostIOPressure:
            Facts("host.io_pressure", .secondsPerSecond, "time in which some task waited for storage", scope: .host)
        case .hostRunQueue: Facts("host.run_queue", .count, "tasks running or waiting for a CPU", scope: .host)
        case .hostFrequency: Facts("host.frequency", .hertz, "mean frequency of the host's CPUs", scope: .host)
        case .hostPowerHeadroom:
            Facts("host.power_headroom", .watts, "power left under the package limit", scope: .host)
        case .hostFreeCLOS: Facts("host.free_clos", .count, "cache and bandwidth classes not in use", scope: .host)
        case .hostFreeRMIDs: Facts("host.free_rmids", .count, "resource monitoring ids not in use", scope: .host)
        case .agentCPU: Facts("agent.cpu", .cores, "CPU time used by Quell itself", scope: .host)
        case .agentRSS: Facts("agent.rss", .bytes, "memory held by Quell itself", scope: .host)
        case .agentTickLag: Facts("agent.tick_lag", .seconds, "how late the tick began", scope: .host)
        }
    }
}
