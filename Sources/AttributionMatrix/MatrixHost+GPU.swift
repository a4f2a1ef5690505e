internal import Signals

extension MatrixHost {
    /// A GPU that VMs have parts of: its time is shared out, and its clocks go down while it is more than nine tenths busy.
    mutating func playGPU(_ rows: [Int], _ demands: [Double], _ domain: Int, _ tick: Int, _ frame: inout Frame) {
        let capacity = domains[domain].capacity(tick)
        let offered = rows.reduce(0) { $0 + demands[$1] }
        let given = Domain.shares(rows.map { demands[$0] }, weights: rows.map { _ in 1 }, capacity: capacity)
        let reasons = throttling(offered / capacity, from: 0.95)
        for (place, row) in rows.enumerated() {
            put(given[place], .gpuSMUtil, row, &frame, noise: 0.03)
            put(given[place] * 0.6, .gpuMemBandwidthUtil, row, &frame, noise: 0.05)
            put(given[place] * 250, .gpuPower, row, &frame, noise: 0.03)
            put(Double(reasons), .gpuThrottleReasons, row, &frame, noise: 0)
        }
    }

    /// GPUs that share a power budget, one for each VM: where they want more, all clocks go down.
    mutating func playPower(_ rows: [Int], _ demands: [Double], _ domain: Int, _ tick: Int, _ frame: inout Frame) {
        let capacity = domains[domain].capacity(tick)
        let budget = 300 * Double(rows.count)
        let offered = rows.reduce(0) { $0 + demands[$1] }
        let cut = min(1, capacity / max(offered, 1e-9))
        let reasons = throttling(offered / capacity, from: 0.95)
        for row in rows {
            let watts = 20 + demands[row] * cut * budget
            put(watts, .gpuPower, row, &frame, noise: 0.03)
            put(min(1, demands[row] * Double(rows.count)), .gpuSMUtil, row, &frame, noise: 0.03)
            put(Double(reasons), .gpuThrottleReasons, row, &frame, noise: 0)
        }
    }

    /// How many reasons hold the clocks down; now and then one for a tick without cause.
    private mutating func throttling(_ load: Double, from bound: Double) -> Int {
        if load >= bound { return load >= 1.5 ? 2 : 1 }
        return random.chance(0.01) ? 1 : 0
    }
}
