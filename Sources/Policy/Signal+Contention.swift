import Signals

extension Signal {
    /// What a VM that suffers in this signal may be found to suffer over, and a ladder may answer; empty where nobody is
    /// blamed for it.
    ///
    /// Instructions are slowed by a locked bus, by the cache or by the memory's bandwidth, a GPU's clocks by its other
    /// users or by the power that all share. `cpu.throttled` tells of a quota that somebody set, which is no contention.
    var contentions: [Contention] {
        switch self {
        case .cpuRunDelay, .cpuPressureSome, .cpuPressureFull, .qemuRunDelay: [.cpu]
        case .memPressureSome, .memPressureFull, .memSwapIn, .memMajorFaults, .memOOMEvents: [.memory]
        case .perfCPI, .perfLLCMissRate: [.busLock, .llc, .memoryBandwidth]
        case .busSplitLocks: [.busLock]
        case .diskLatency, .ioPressureSome, .ioPressureFull: [.disk]
        case .netDrops: [.network]
        case .gpuThrottleReasons: [.gpu, .power]
        case .cpuUsage, .cpuThrottled, .cpuSystemShare, .cpuMigrations, .memRSS, .memBalloonUsable, .memSwapOut,
            .memGrowth, .memSwapHeld, .memDirtyRate, .llcOccupancy, .mbmTotal, .mbmLocal, .diskReadBytes,
            .diskWriteBytes, .diskReadOps, .diskWriteOps, .diskFlushes, .diskAllocation, .netRxBytes, .netTxBytes,
            .netRxPackets, .netTxPackets, .netErrors, .netMulticast, .netSpoofed, .netNeighbours, .gpuSMUtil,
            .gpuMemUsed, .gpuMemBandwidthUtil, .gpuPower, .gpuECC, .gpuXID, .gpuPCIeRx, .gpuPCIeTx, .kvmExits,
            .kvmHaltPolls, .irqInjections, .qemuThreads, .qemuFDs, .libvirtLatency, .libvirtJobAge, .vmAnomaly,
            .pciAERErrors, .pciIOMMUFaults:
            []
        case .hostCPUUsage, .hostCPUPressure, .hostMemPressure, .hostIOPressure, .hostRunQueue, .hostFrequency,
            .hostPowerHeadroom, .hostFreeCLOS, .hostFreeRMIDs, .agentCPU, .agentRSS, .agentTickLag:
            []
        }
    }
}
