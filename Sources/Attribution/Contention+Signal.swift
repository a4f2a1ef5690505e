public import Signals

extension Contention {
    /// What a VM contends for when it suffers by the given signal; `nil` for a signal that tells no suffering.
    ///
    /// - Parameter signal: The signal that its verdict is on.
    public init?(suffering signal: Signal) {
        switch signal {
        case .cpuRunDelay, .cpuPressureSome, .cpuPressureFull, .cpuThrottled, .qemuRunDelay: self = .cpu
        case .memPressureSome, .memPressureFull, .memSwapIn, .memMajorFaults, .memOOMEvents: self = .memory
        case .perfCPI, .perfLLCMissRate: self = .llc
        case .busSplitLocks: self = .busLock
        case .diskLatency, .ioPressureSome, .ioPressureFull: self = .disk
        case .netDrops: self = .network
        case .gpuThrottleReasons: self = .gpu
        case .cpuUsage, .cpuSystemShare, .cpuMigrations, .memRSS, .memBalloonUsable, .memSwapOut, .memGrowth,
            .memDirtyRate, .llcOccupancy, .mbmTotal, .mbmLocal, .diskReadBytes, .diskWriteBytes, .diskReadOps,
            .diskWriteOps, .diskFlushes, .diskAllocation, .netRxBytes, .netTxBytes, .netRxPackets, .netTxPackets,
            .netErrors, .netMulticast, .netSpoofed, .netNeighbours, .gpuSMUtil, .gpuMemUsed, .gpuMemBandwidthUtil,
            .gpuPower, .gpuECC, .gpuXID, .gpuPCIeRx, .gpuPCIeTx, .kvmExits, .kvmHaltPolls, .irqInjections,
            .qemuThreads, .qemuFDs, .libvirtLatency, .libvirtJobAge, .vmAnomaly, .memSwapHeld, .pciAERErrors,
            .pciIOMMUFaults,
            .hostCPUPressure, .hostMemPressure, .hostIOPressure,
            .hostCPUUsage, .hostRunQueue, .hostFrequency, .hostPowerHeadroom, .hostFreeCLOS, .hostFreeRMIDs, .agentCPU,
            .agentRSS,
            .agentTickLag:
            return nil
        }
    }
}
