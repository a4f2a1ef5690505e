internal import Glibc
public import Signals

extension MatrixHost {
    /// Plays one tick.
    ///
    /// - Parameters:
    ///   - tick: The tick, from 0.
    ///   - frame: Where its readings go.
    public mutating func play(_ tick: Int, into frame: inout Frame) {
        frame.begin(at: MonotonicTime(seconds: 10_000 + Double(tick)))
        for row in vms.indices {
            let isUnder = !vms[row].job.isEmpty && vms[row].load.windows.contains { $0.contains(tick) }
            let activity: VMActivity = isUnder ? vms[row].job : []
            if frame[record: VMSlot(row)]?.activity != activity { frame[record: VMSlot(row)]?.activity = activity }
        }
        var demands = vms.indices.map { vms[$0].load.demand(tick, &random) }
        play(contention, &demands, tick, into: &frame)
        guard second != nil else { return }
        demands = vms.indices.map { vms[$0].second.demand(tick, &random) }
        play(secondContention, &demands, tick, into: &frame)
    }

    /// Plays one resource.
    private mutating func play(
        _ contention: Contention,
        _ demands: inout [Double],
        _ tick: Int,
        into frame: inout Frame
    ) {
        for domain in domains.indices {
            let rows = vms.indices.filter { vms[$0].domain == domain }
            if rows.isEmpty { continue }
            switch contention {
            case .cpu: playCPU(rows, demands, domain, tick, &frame)
            case .disk: playDisk(rows, demands, domain, tick, &frame)
            case .network: playNetwork(rows, demands, domain, tick, &frame)
            case .memory: playMemory(rows, demands, domain, tick, &frame)
            case .llc: playCache(rows, demands, domain, tick, &frame)
            case .memoryBandwidth: playBandwidth(rows, demands, domain, tick, &frame)
            case .busLock: playBus(rows, demands, domain, tick, &frame)
            case .gpu: playGPU(rows, demands, domain, tick, &frame)
            case .power: playPower(rows, demands, domain, tick, &frame)
            }
        }
    }

    /// Writes a reading with 2 % of noise, or the lack of one.
    mutating func put(_ value: Double, _ signal: Signal, _ row: Int, _ frame: inout Frame, noise: Double = 0.02) {
        let reading = Reading(max(0, value * (1 + noise * random.normal())))
        frame[VMSlot(row), signal] = lost > 0 && random.chance(lost) ? .missing : reading
    }

    /// CPUs: weighted fair shares, and the wait of a queue with a server for each CPU for what is given.
    mutating func playCPU(_ rows: [Int], _ demands: [Double], _ domain: Int, _ tick: Int, _ frame: inout Frame) {
        let cpus = Double(poolCPUs)
        var queue = domains[domain]
        queue.servers = cpus
        let capacity = contention == .cpu ? queue.capacity(tick) : 1
        let wanted = rows.map { row in
            let cores = min(demands[row] * cpus, Double(vms[row].vcpus))
            return min(cores, frame[record: VMSlot(row)]?.heldCores ?? cores)
        }
        let limited = zip(rows, wanted).map { row, cores in min(cores, vms[row].quota ?? cores) }
        let given = Domain.shares(limited, weights: rows.map { vms[$0].weight }, capacity: capacity * cpus)
        let load = limited.reduce((1 - capacity) * cpus, +) / cpus
        let wait = 0.3 * queue.wait(load)
        var most = 0.0
        for (place, row) in rows.enumerated() {
            let vcpus = Double(vms[row].vcpus)
            let throttled = max(0, wanted[place] - limited[place]) / vcpus
            let unmet = max(0, limited[place] - given[place]) / vcpus
            let delay = min(0.95, unmet + given[place] / vcpus * min(1, wait) + 0.002 * abs(random.normal()))
            most = max(most, unmet)
            put(given[place], .cpuUsage, row, &frame)
            put(min(0.95, delay + throttled), .cpuRunDelay, row, &frame, noise: 0.15)
            if vms[row].quota != nil { put(throttled, .cpuThrottled, row, &frame) }
        }
        guard tellsPressure else { return }
        let pressure = max(frame[host: .hostCPUPressure].trusted ?? 0, min(1, 0.03 + 2 * max(0, load - 0.95)))
        frame[host: .hostCPUPressure] = Reading(pressure)
    }

    /// A disk: requests wait in its queue; what it cannot do is done later by those who ask, in proportion.
    mutating func playDisk(_ rows: [Int], _ demands: [Double], _ domain: Int, _ tick: Int, _ frame: inout Frame) {
        let full = 800e6
        let capacity = contention == .disk ? domains[domain].capacity(tick) : 1
        let offered = rows.reduce(0) { $0 + demands[$1] }
        let load = offered / capacity
        let wait = domains[domain].wait(load)
        for row in rows {
            let done = demands[row] * min(1, 1 / max(load, 1e-9)) * full
            let requests = done / (vms[row].size + 32_768)
            let bytes = requests * vms[row].size
            // Its threads wait for as much of the time as its requests are on their way beyond their service.
            let busy = 1 - exp(-requests / 300)
            let pressure = 0.98 * busy * wait / (1 + wait)
            let isSeen = bytes > 65_536 || pressure > 0.002 || (tick + row) % 8 == 0
            for (signal, value) in [(Signal.diskReadBytes, bytes * 0.4), (.diskWriteBytes, bytes * 0.6)] {
                put(value, signal, row, &frame)
                if !isSeen { frame[VMSlot(row), signal] = Reading(value, .stale) }
            }
            for (signal, value) in [(Signal.diskReadOps, requests * 0.4), (.diskWriteOps, requests * 0.6)] {
                put(value, signal, row, &frame)
                if !isSeen { frame[VMSlot(row), signal] = Reading(value, .stale) }
            }
            put(pressure, .ioPressureFull, row, &frame, noise: 0.1)
            if (tick + row) % 30 == 0 { put(requests / 50, .diskFlushes, row, &frame, noise: 0.3) }
        }
    }

    /// A bridge and its uplink: what its buffer does not hold is lost, of everybody alike.
    mutating func playNetwork(_ rows: [Int], _ demands: [Double], _ domain: Int, _ tick: Int, _ frame: inout Frame) {
        let full = 1.25e9
        let capacity = domains[domain].capacity(tick)
        let offered = rows.reduce(0) { $0 + demands[$1] }
        let loss = Domain.loss(offered / capacity)
        let neighbours = rows.filter { !culprits.contains($0) }
        var flooded = 0.0
        for row in rows where vms[row].flood == .toNeighbours && culprits.contains(row) {
            flooded += demands[row] * full / Double(max(1, neighbours.count))
        }
        for row in rows {
            let size = vms[row].size / 64 + 64
            let own = demands[row] * full
            let isSender = vms[row].flood != .receives || !culprits.contains(row)
            let sent = isSender ? own * (culprits.contains(row) ? 0.95 : 0.6) : own * 0.05
            let received = own - sent + (neighbours.contains(row) ? flooded : 0)
            for (value, bytes, packets) in [
                (sent, Signal.netTxBytes, Signal.netTxPackets), (received, .netRxBytes, .netRxPackets),
            ] {
                let count = value * (1 - loss) / (size + 1_250)
                put(count, packets, row, &frame)
                put(count * size, bytes, row, &frame)
            }
            put((sent + received) * loss / (size + 1_250) + abs(random.normal()), .netDrops, row, &frame, noise: 0.1)
        }
    }
}
