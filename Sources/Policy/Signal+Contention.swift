import Signals

extension Signal {
    /// What a VM that suffers in this signal suffers over; `nil` where it tells of no contention.
    ///
    /// `cpu.throttled` tells of a quota that somebody set, which is no contention.
    var contention: Contention? {
        switch self {
        case .cpuUsage, .cpuRunDelay, .cpuPressureSome, .cpuPressureFull, .cpuMigrations, .qemuRunDelay: .cpu
        case .memRSS, .memBalloonUsable, .memSwapIn, .memSwapOut, .memMajorFaults, .memPressureSome, .memPressureFull,
            .memGrowth, .memOOMEvents, .memSwapHeld, .memDirtyRate:
            .memory
        case .llcOccupancy, .perfCPI, .perfLLCMissRate: .llc
        case .mbmTotal, .mbmLocal: .memoryBandwidth
        case .busSplitLocks: .busLock
        case .diskReadBytes, .diskWriteBytes, .diskReadOps, .diskWriteOps, .diskLatency, .diskFlushes, .diskAllocation,
            .ioPressureSome, .ioPressureFull:
            .disk
        case .netRxBytes, .netTxBytes, .netRxPackets, .netTxPackets, .netDrops, .netErrors, .netMulticast, .netSpoofed,
            .netNeighbours:
            .network
        case .gpuSMUtil, .gpuMemUsed, .gpuMemBandwidthUtil, .gpuThrottleReasons, .gpuECC, .gpuXID, .gpuPCIeRx,
            .gpuPCIeTx:
            .gpu
        case .gpuPower: .power
        case .cpuThrottled, .cpuSystemShare, .kvmExits, .kvmHaltPolls, .irqInjections, .qemuThreads, .qemuFDs,
            .libvirtLatency, .libvirtJobAge, .vmAnomaly, .pciAERErrors, .pciIOMMUFaults:
            nil
        case .hostCPUPressure, .hostMemPressure, .hostIOPressure, .hostRunQueue, .hostFrequency, .hostPowerHeadroom,
            .hostFreeCLOS, .hostFreeRMIDs, .agentCPU, .agentRSS, .agentTickLag:
            nil
        }
    }
}
