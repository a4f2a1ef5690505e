internal import Signals

extension MatrixHost {
    /// Host memory: what does not fit is swapped out, of everybody in proportion to what they hold, and comes back as it is
    /// touched, through a disk with a queue.
    mutating func playMemory(_ rows: [Int], _ demands: [Double], _ domain: Int, _ tick: Int, _ frame: inout Frame) {
        let full = 256e9
        // Usual use of memory is higher than that of other things.
        let held = rows.map { min(2.5, demands[$0] * (vms[$0].load.windows.isEmpty ? 1.5 : 1)) }
        let capacity = domains[domain].capacity(tick)
        let over = max(0, held.reduce(0, +) - capacity)
        let all = max(1e-9, held.reduce(0, +))
        var backs: [Double] = []
        for (place, row) in rows.enumerated() {
            // The kernel takes a while to move it: a fifth of what is to move in each tick.
            let target = over * held[place] / all
            vms[row].state += 0.2 * (target - vms[row].state)
            backs.append(vms[row].state * vms[row].touch)
        }
        let disk = Domain()
        let wait = disk.wait(backs.reduce(0, +) * full / 1.5e9)
        var most = 0.0
        for (place, row) in rows.enumerated() {
            let back = backs[place] * full
            let pressure = 0.95 * (back / (back + 20e6)) * (0.3 + wait) / (1 + wait)
            most = max(most, pressure)
            put((held[place] - vms[row].state) * full, .memRSS, row, &frame, noise: 0.001)
            if tellsSwap {
                put(vms[row].state * full, .memSwapHeld, row, &frame, noise: 0)
            } else {
                frame[VMSlot(row), .memSwapHeld] = .notObservable
            }
            put(back, .memSwapIn, row, &frame, noise: 0.1)
            put(pressure, .memPressureFull, row, &frame, noise: 0.15)
        }
        if tellsPressure {
            frame[host: .hostMemPressure] = Reading(max(frame[host: .hostMemPressure].trusted ?? 0, most))
        }
    }

    /// A cache: lines are replaced at random, so that each VM holds of it what it brings in, up to its working set, and
    /// misses what it does not hold.
    mutating func playCache(_ rows: [Int], _ demands: [Double], _ domain: Int, _ tick: Int, _ frame: inout Frame) {
        let capacity = domains[domain].capacity(tick)
        func misses(_ row: Int) -> Double {
            // Who floods a cache streams through more than it holds.
            let isStreaming = vms[row].load.event > 0.36 || vms[row].load.event > 0 && culprits.contains(row)
            let isOn = vms[row].load.windows.contains { $0.contains(tick) }
            let wanted = isStreaming && isOn ? 1.5 : vms[row].workingSet
            return min(1, max(0.03, 1 - vms[row].state / max(wanted, 1e-6)))
        }
        for _ in 0..<6 {
            let brought = rows.map { demands[$0] * misses($0) }
            let outside = (1 - capacity) * 1.5
            let all = brought.reduce(outside, +)
            let held = rows.reduce(0) { $0 + vms[$1].state }
            for (place, row) in rows.enumerated() {
                let evicted = vms[row].state / max(held, 1) * max(0, held + 0.3 * all - 1)
                vms[row].state = max(0, vms[row].state + 0.3 * brought[place] - evicted)
            }
            let now = rows.reduce(0) { $0 + vms[$1].state }
            if now > 1 - 0.5 * (1 - capacity) {
                for row in rows { vms[row].state *= (1 - 0.5 * (1 - capacity)) / now }
            }
        }
        for row in rows {
            let slow = 1 + 4 * vms[row].memoryBound * (misses(row) - 0.03)
            let rate = demands[row] * 400e6 * misses(row) / slow
            writeCounters(row, cpi: vms[row].cpi * slow, occupancy: vms[row].state * 32e6, misses: rate, &frame)
        }
    }

    /// Memory bandwidth: the delay of a memory access grows with the load of the channels, and slows those who wait for it.
    mutating func playBandwidth(_ rows: [Int], _ demands: [Double], _ domain: Int, _ tick: Int, _ frame: inout Frame) {
        let full = 100e9
        let capacity = domains[domain].capacity(tick)
        var speed = rows.map { _ in 1.0 }
        var delay = 1.0
        for _ in 0..<12 {
            let load = zip(rows, speed).reduce(0) { $0 + demands[$1.0] * $1.1 } / capacity
            delay = 0.7 * delay + 0.3 * (1 + domains[domain].wait(load))
            for (place, row) in rows.enumerated() { speed[place] = 1 / (1 + vms[row].memoryBound * (delay - 1)) }
        }
        let load = zip(rows, speed).reduce(0) { $0 + demands[$1.0] * $1.1 }
        for (place, row) in rows.enumerated() {
            let bytes = demands[row] * speed[place]
            writeCounters(
                row,
                cpi: vms[row].cpi / speed[place],
                occupancy: 32e6 * bytes / max(load, 0.6),
                misses: bytes * full / 64,
                &frame
            )
        }
    }

    /// The memory bus: each split lock stops everybody for a while.
    mutating func playBus(_ rows: [Int], _ demands: [Double], _ domain: Int, _ tick: Int, _ frame: inout Frame) {
        var locks = (1 - domains[domain].capacity(tick)) * 30_000
        var own = rows.map { _ in 0.0 }
        for (place, row) in rows.enumerated()
        where vms[row].load.event > 0 && vms[row].load.windows.contains(where: { $0.contains(tick) }) {
            own[place] = demands[row] * 30_000
            locks += own[place]
        }
        let offered = zip(rows, own).reduce(0) { $0 + ($1.1 > 0 ? vms[$1.0].load.base : demands[$1.0]) }
        for (place, row) in rows.enumerated() {
            let stopped = min(0.8, locks * 30e-6)
            let usual = vms[row].load.base
            // What all ask of memory beside it is in the way too.
            let delay = vms[row].memoryBound * domains[domain].wait(offered)
            let cpi = vms[row].cpi / (1 - stopped) * (1 + delay)
            let rate = (own[place] > 0 ? usual : demands[row]) * 5e7
            writeCounters(row, cpi: cpi, occupancy: usual * 20e6, misses: rate, &frame)
            put(own[place], .busSplitLocks, row, &frame, noise: 0.05)
        }
    }

    /// Writes what performance counters and resource control tell.
    private mutating func writeCounters(
        _ row: Int,
        cpi: Double,
        occupancy: Double,
        misses: Double,
        _ frame: inout Frame
    ) {
        put(cpi, .perfCPI, row, &frame, noise: 0.04)
        put(misses, .perfLLCMissRate, row, &frame, noise: 0.05)
        put(0, .busSplitLocks, row, &frame)
        if tellsCache {
            put(occupancy, .llcOccupancy, row, &frame, noise: 0.05)
            put(misses * 64, .mbmTotal, row, &frame, noise: 0.05)
        } else {
            for signal in [Signal.llcOccupancy, .mbmTotal, .mbmLocal] {
                frame[VMSlot(row), signal] = .notObservable
            }
        }
    }
}
