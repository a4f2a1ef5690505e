import Sampling
import Signals
import TestSupport
import Testing

@Suite("Hostile GPUs")
struct GPUHostileTests {
    private static let functions = [
        "nvmlDeviceGetHandleByPciBusId_v2", "nvmlDeviceGetUtilizationRates", "nvmlDeviceGetMemoryInfo_v2",
        "nvmlDeviceGetMemoryInfo", "nvmlDeviceGetPowerUsage", "nvmlDeviceGetCurrentClocksEventReasons",
        "nvmlDeviceGetTotalEccErrors", "nvmlDeviceGetPcieThroughput", "nvmlDeviceGetMigMode",
        "nvmlDeviceGetMaxMigDeviceCount", "nvmlDeviceGetMigDeviceHandleByIndex", "nvmlDeviceGetGpuInstanceId",
        "nvmlEventSetCreate", "nvmlDeviceRegisterEvents", "nvmlEventSetWait_v2", "nvmlDeviceGetActiveVgpus",
        "nvmlDeviceGetVgpuUtilization", "nvmlVgpuInstanceGetVmID", "nvmlVgpuInstanceGetMdevUUID",
        "nvmlVgpuInstanceGetFbUsage", "nvmlVgpuInstanceGetGpuInstanceId", "nvmlInit_v2",
    ]
    private static let codes = [1, 2, 3, 4, 6, 7, 9, 10, 15, 16, 18, 21, 25, 26, 28, 999, 4_294_967_295]

    /// A number that a driver might give, from sensible to the largest that fits.
    private func number(_ generator: inout SplitMix64) -> UInt64 {
        switch generator.next() % 4 {
        case 0: generator.next()
        case 1: generator.next() % 4_294_967_296
        case 2: generator.next() % 200
        default: generator.next() % 3
        }
    }

    /// A GPU with random levels, vGPUs, instances and errors.
    private func gpu(_ address: String, _ generator: inout SplitMix64) -> String {
        var lines = ["gpu " + address]
        func has() -> Bool { generator.next() % 4 != 0 }
        func next() -> UInt64 { number(&generator) }
        if !has(), !has() { lines.append("lost") }
        if has() { lines.append("utilization \(next() % 4_294_967_296) \(next() % 102)") }
        if has() { lines.append("memory \(next()) \(next() >> 1) \(next()) \(next() >> 1)") }
        if has() { lines.append("power \(next() % 4_294_967_296)") }
        if has() { lines.append("reasons \(next())") }
        if has() { lines.append("ecc \(next())") }
        if has() { lines.append("pcie \(next() % 4_294_967_296) \(next() % 4_294_967_296)") }
        if has() { lines.append("events") }
        if !has() { lines.append("mig") }
        for _ in 0..<generator.next() % 3 { lines.append("instance \(generator.next() % 3) \(next())") }
        for _ in 0..<generator.next() % 4 { lines.append("xid \(next()) \(next()) \(generator.next() % 3)") }
        lines.append("samples \(generator.next() % 8)")
        for _ in 0..<generator.next() % 4 {
            lines.append("vgpu \(1 + generator.next() % 4)")
            if has() { lines.append("mdev \(has() ? GPUBed.mdev : "x")") }
            if has() { lines.append("vm \(has() ? GPUBed.second.description : "\u{ff}")") }
            if has() { lines.append("fb \(next())") }
            if !has() { lines.append("backed \(next() % 4_294_967_296)") }
            if has() { lines.append("sample \(next()) \(has() ? "\(next() % 120)" : "nan") \(next() % 101)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test("whatever a driver says, nothing traps and what is told is in range", arguments: 0..<12)
    func neverTraps(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        let bed = try GPUBed("")
        for (index, address) in ["0000:3b:00.0", "0000:5e:00.0"].enumerated() {
            try bed.stand.place(address, driver: "nvidia")
            try bed.stand.place("0000:7\(index):00.4", driver: "nvidia", of: address)
        }
        try bed.stand.place(mediated: GPUBed.mdev, on: "0000:70:00.4")
        let all = [
            GPUBed.vm(GPUBed.first, pci: ["0000:5e:00.0"], mdevs: [GPUBed.mdev]),
            GPUBed.vm(GPUBed.second, pci: ["0000:70:00.4", "0000:71:00.4"]),
        ]
        var told = 0
        for _ in 0..<60 {
            if generator.next() % 8 == 0 { bed.source.watch(Array(all.prefix(Int(generator.next() % 3)))) }
            if generator.next() % 8 == 0 { bed.source.watch(all) }
            var script = gpu("0000:3b:00.0", &generator) + gpu("0000:5e:00.0", &generator)
            for _ in 0..<generator.next() % 3 {
                let function = Self.functions[Int(generator.next() % UInt64(Self.functions.count))]
                script += "error \(function) \(Self.codes[Int(generator.next() % UInt64(Self.codes.count))])\n"
            }
            try bed.read(script, after: Double(generator.next() % 20))
            for reading in bed.batch.vms.flatMap(\.1) {
                let value = reading.reading.value
                #expect(value.isFinite && value >= 0)
                if reading.signal.unit == .ratio { #expect(value <= 1) }
                if reading.reading.quality != .ok { #expect(value == 0) } else { told += 1 }
            }
        }
        #expect(told > 60, "most of it is not refused")
    }
}
