import Signals

extension Knob {
    /// A setting that nobody but a person makes; `nil` for knobs whose few settings are Quell's too.
    ///
    /// - Parameter odd: A number from 5,000 to 99,000 that makes it another each time.
    /// - Returns: The setting.
    func personal(_ odd: UInt64) -> Setting? {
        switch self {
        case .vcpuQuota, .emulatorQuota, .iothreadQuota: .quota(VCPUQuota(period: 99_991, quota: Int64(odd)))
        case .cpuShares: .shares(odd)
        case .disk: .disk(DiskLimit(["total_bytes": odd]))
        case .receive, .transmit: .bandwidth(Bandwidth(average: UInt32(odd), peak: 7))
        case .memorySoftLimit: .memory(odd << 14)
        // Below what any hold leaves.
        case .balloon: .balloon(odd << 8)
        case .vcpuPins: .pins([CPUSet([Int(odd % 5)]), CPUSet([5])])
        case .emulatorPins, .iothreadPins: .pins([CPUSet([Int(odd % 5)])])
        case .filter: .filter(NetworkFilter(name: "theirs-\(odd)"))
        case .cacheGroup: .cacheGroup("theirs-\(odd)")
        case .gpuPower: .milliwatts(odd)
        case .gpuClocks: .clocks(GPUClocks(memory: 7, graphics: UInt32(odd)))
        case .gpuSchedule: .schedule(GPUSchedule(policy: 3, parameters: [UInt32(odd)]))
        case .link, .power: nil
        }
    }
}
