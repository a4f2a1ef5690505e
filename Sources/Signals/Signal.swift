/// Every signal that Quell knows, in the order in which `quell doctor` lists them.
///
/// A signal is a value of one VM, or of the host where ``scope`` says so. Its raw value is its column in a ``Frame``.
public enum Signal: UInt8, CaseIterable, Sendable {
    case cpuUsage, cpuRunDelay, cpuPressureSome, cpuPressureFull, cpuThrottled, cpuSystemShare, cpuMigrations
    case memRSS, memBalloonUsable, memSwapIn, memSwapOut, memMajorFaults, memPressureSome, memPressureFull
    case memGrowth, memOOMEvents, memSwapHeld, memDirtyRate
    case llcOccupancy, mbmTotal, mbmLocal, perfCPI, perfLLCMissRate, busSplitLocks
    case diskReadBytes, diskWriteBytes, diskReadOps, diskWriteOps, diskLatency, diskFlushes, diskAllocation
    case ioPressureSome, ioPressureFull
    case netRxBytes, netTxBytes, netRxPackets, netTxPackets, netDrops, netErrors, netMulticast, netSpoofed
    case netNeighbours
    case gpuSMUtil, gpuMemUsed, gpuMemBandwidthUtil, gpuPower, gpuThrottleReasons, gpuECC, gpuXID
    case gpuPCIeRx, gpuPCIeTx
    case pciAERErrors, pciIOMMUFaults
    case kvmExits, kvmHaltPolls, irqInjections, qemuThreads, qemuFDs, qemuRunDelay, libvirtLatency, libvirtJobAge
    case vmAnomaly
    case hostCPUUsage, hostCPUPressure, hostMemPressure, hostIOPressure, hostRunQueue, hostFrequency
    case hostPowerHeadroom
    case hostFreeCLOS, hostFreeRMIDs, agentCPU, agentRSS, agentTickLag

    /// How many signals there are: the width of a ``Frame``.
    public static let count = Signal.allCases.count

    /// What a signal is a value of.
    public enum Scope: Sendable {
        /// Of one VM.
        case vm
        /// Of the whole host, or of the agent itself.
        case host
    }

    /// The signal of the given name, or `nil`.
    ///
    /// - Parameter name: A name such as `cpu.run_delay`.
    public init?(name: some StringProtocol) {
        for signal in Signal.allCases where signal.name == name {
            self = signal
            return
        }
        return nil
    }

    /// The name that operators use, such as `cpu.run_delay`.
    public var name: String { facts.name }
    /// The base unit in which it is kept.
    public var unit: Unit { facts.unit }
    /// What it is a value of.
    public var scope: Scope { facts.scope }
    /// One line that says what it measures.
    public var summary: String { facts.summary }

    /// What is known of a signal.
    struct Facts {
        var name: String
        var unit: Unit
        var scope = Scope.vm
        var summary: String

        init(_ name: String, _ unit: Unit, _ summary: String, scope: Scope = .vm) {
            self.name = name
            self.unit = unit
            self.scope = scope
            self.summary = summary
        }
    }
}

extension Signal: CustomStringConvertible {
    /// The name that operators use.
    public var description: String { name }
}
