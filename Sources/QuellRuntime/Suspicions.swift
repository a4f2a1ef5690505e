import Libvirt
import Signals

/// Which VMs are worth asking libvirt about at once, and for what.
enum Suspicions {
    /// The VMs on which a rule fires, that are hurt or that are blamed, each with the groups that help.
    ///
    /// - Parameters:
    ///   - verdicts: The rules that fire.
    ///   - findings: Who is hurt and by whom.
    ///   - frame: Where the VMs are looked up.
    /// - Returns: Groups by VM; a VM to which no group would add anything is left out.
    static func all(_ verdicts: [Verdict], _ findings: [Finding], in frame: Frame) -> [VMIdentity: StatsGroups] {
        var suspicions: [VMIdentity: StatsGroups] = [:]
        func add(_ groups: StatsGroups, _ slot: VMSlot) {
            guard !groups.isEmpty, slot.index < frame.capacity, let vm = frame[record: slot]?.identity else { return }
            suspicions[vm, default: []].formUnion(groups)
        }
        for verdict in verdicts where verdict.phase != .cleared { add(groups(for: verdict.signal), verdict.slot) }
        for finding in findings {
            let groups = groups(for: finding.contention)
            add(groups, finding.victim)
            if case .blamed(let culprit) = finding.outcome { add(groups, culprit) }
        }
        return suspicions
    }

    /// What libvirt knows that helps to understand a contention.
    private static func groups(for contention: Contention) -> StatsGroups {
        switch contention {
        case .cpu, .llc, .memoryBandwidth, .busLock: .vcpu
        case .memory: [.balloon, .dirtyRate]
        case .disk: .block
        case .network, .gpu, .power: []
        }
    }

    /// What libvirt knows that helps to understand a signal.
    private static func groups(for signal: Signal) -> StatsGroups {
        switch signal {
        case .cpuUsage, .cpuRunDelay, .cpuPressureSome, .cpuPressureFull, .cpuThrottled, .cpuSystemShare,
            .cpuMigrations, .llcOccupancy, .mbmTotal, .mbmLocal, .perfCPI, .perfLLCMissRate, .busSplitLocks, .kvmExits,
            .kvmHaltPolls, .irqInjections, .qemuRunDelay:
            .vcpu
        case .memRSS, .memBalloonUsable, .memSwapIn, .memSwapOut, .memMajorFaults, .memPressureSome, .memPressureFull,
            .memGrowth, .memOOMEvents, .memSwapHeld, .memDirtyRate:
            [.balloon, .dirtyRate]
        case .diskReadBytes, .diskWriteBytes, .diskReadOps, .diskWriteOps, .diskLatency, .diskFlushes, .diskAllocation,
            .ioPressureSome, .ioPressureFull, .libvirtLatency, .libvirtJobAge:
            .block
        case .netRxBytes, .netTxBytes, .netRxPackets, .netTxPackets, .netDrops, .netErrors, .netMulticast, .netSpoofed,
            .netNeighbours, .gpuSMUtil, .gpuMemUsed, .gpuMemBandwidthUtil, .gpuPower, .gpuThrottleReasons, .gpuECC,
            .gpuXID, .gpuPCIeRx, .gpuPCIeTx, .pciAERErrors, .pciIOMMUFaults, .qemuThreads, .qemuFDs, .vmAnomaly,
            .hostCPUUsage, .hostCPUPressure,
            .hostMemPressure, .hostIOPressure, .hostRunQueue, .hostFrequency, .hostPowerHeadroom, .hostFreeCLOS,
            .hostFreeRMIDs, .agentCPU, .agentRSS, .agentTickLag:
            []
        }
    }
}
