import HostReaders
import TestSupport
import Testing

@Suite("NVML, what of a GPU can be set")
struct NVMLLimitsTests {
    private let address = "0000:3b:00.0"
    private let script = """
        gpu 0000:3b:00.0
        limit 400000 200000 700000 700000
        clocks 2619 1980 1980 1965 345 210
        scheduler 2 1 2000000 0
        schedules 1 2 3 30000000 1000000 1 960 63 60 1

        """

    /// What a call throws.
    private func code<Value>(_ call: () throws(NVMLError) -> Value) -> NVMLError.Code? {
        do throws(NVMLError) {
            _ = try call()
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a power limit is read with its bounds, set, and stays set after the library is closed")
    func power() throws {
        let stand = try ScriptedNVML(script)
        do {
            var nvml = try NVML(path: stand.library)
            let gpu = try nvml.attach(address)
            let before = NVMLPowerLimit(now: 400_000, least: 200_000, most: 700_000, usual: 700_000)
            #expect(try nvml.powerLimit(of: gpu) == before)
            try nvml.setPowerLimit(200_000, of: gpu)
            #expect(try nvml.powerLimit(of: gpu).now == 200_000)
            #expect(code { () throws(NVMLError) in try nvml.setPowerLimit(199_999, of: gpu) } == .invalidArgument)
            #expect(code { () throws(NVMLError) in try nvml.setPowerLimit(700_001, of: gpu) } == .invalidArgument)
        }
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(try nvml.powerLimit(of: gpu).now == 200_000)
    }

    @Test("clocks are set among those that go together, and reset")
    func clocks() throws {
        let stand = try ScriptedNVML(script)
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        let usual = NVMLClocks(memory: 2_619, graphics: 1_980)
        #expect(try nvml.applicationClocks(of: gpu) == usual)
        #expect(try nvml.graphicsClocks(beside: 2_619, of: gpu) == [1_980, 1_965, 345, 210])
        let low = NVMLClocks(memory: 2_619, graphics: 345)
        try nvml.setApplicationClocks(low, of: gpu)
        #expect(try nvml.applicationClocks(of: gpu) == low)
        #expect(try nvml.usualApplicationClocks(of: gpu) == usual)
        for wrong in [NVMLClocks(memory: 2_619, graphics: 346), NVMLClocks(memory: 2_618, graphics: 345)] {
            #expect(code { () throws(NVMLError) in try nvml.setApplicationClocks(wrong, of: gpu) } == .invalidArgument)
        }
        #expect(code { () throws(NVMLError) in try nvml.graphicsClocks(beside: 1, of: gpu) } == .notFound)
        try nvml.resetApplicationClocks(of: gpu)
        #expect(try nvml.applicationClocks(of: gpu) == usual)
    }

    @Test("a schedule is told as it is set, by time slice or by frequency")
    func schedule() throws {
        let stand = try ScriptedNVML(script)
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(
            try nvml.schedule(of: gpu) == NVMLSchedule(policy: 2, isAdaptive: false, parameters: .slice(2_000_000))
        )
        let adaptive = NVMLSchedule(policy: 3, isAdaptive: true, parameters: .adaptive(frequency: 480, factor: 33))
        try nvml.setSchedule(adaptive, of: gpu)
        #expect(try nvml.schedule(of: gpu) == adaptive)
        try nvml.setSchedule(NVMLSchedule(policy: 1), of: gpu)
        #expect(try nvml.schedule(of: gpu) == NVMLSchedule(policy: 1))
        let none = NVMLSchedule(policy: 9)
        #expect(code { () throws(NVMLError) in try nvml.setSchedule(none, of: gpu) } == .invalidArgument)
        try stand.write(script + "vgpu 11\n")
        #expect(code { () throws(NVMLError) in try nvml.setSchedule(adaptive, of: gpu) } == .notSupported)
    }

    @Test("bounds tell which schedules there are, at the bound and beyond it")
    func bounds() throws {
        let stand = try ScriptedNVML(script)
        var nvml = try NVML(path: stand.library)
        let bounds = try nvml.scheduleBounds(of: try nvml.attach(address))
        #expect(bounds.policies == [1, 2, 3] && bounds.slices == 1_000_000...30_000_000 && bounds.hasAdaptive)
        func slice(_ value: UInt32) -> NVMLSchedule {
            NVMLSchedule(policy: 2, isAdaptive: false, parameters: .slice(value))
        }
        func turns(_ frequency: UInt32, _ factor: UInt32) -> NVMLSchedule {
            NVMLSchedule(policy: 2, isAdaptive: true, parameters: .adaptive(frequency: frequency, factor: factor))
        }
        for good in [slice(0), slice(1_000_000), slice(30_000_000), turns(63, 1), turns(960, 60), turns(0, 0)] {
            #expect(bounds.allow(good), "\(good)")
        }
        let strange = NVMLSchedule(policy: 4)
        let crossed = NVMLSchedule(policy: 2, isAdaptive: true, parameters: .slice(2_000_000))
        for bad in [slice(999_999), slice(30_000_001), turns(62, 1), turns(961, 1), turns(63, 61), strange, crossed] {
            #expect(!bounds.allow(bad), "\(bad)")
        }
    }

    @Test("what a GPU or a release of the driver does not have, what is not permitted and a lost GPU are told apart")
    func failures() throws {
        let stand = try ScriptedNVML("gpu 0000:3b:00.0\n")
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(code { () throws(NVMLError) in try nvml.powerLimit(of: gpu) } == .notSupported)
        #expect(code { () throws(NVMLError) in try nvml.applicationClocks(of: gpu) } == .notSupported)
        #expect(code { () throws(NVMLError) in try nvml.schedule(of: gpu) } == .notSupported)
        try stand.write("error nvmlDeviceSetPowerManagementLimit no_permission\n" + script)
        #expect(code { () throws(NVMLError) in try nvml.setPowerLimit(300_000, of: gpu) } == .noPermission)
        try stand.write(script + "lost\n")
        #expect(code { () throws(NVMLError) in try nvml.powerLimit(of: gpu) } == .lost)
        #expect(code { () throws(NVMLError) in try nvml.resetApplicationClocks(of: gpu) } == .lost)
        try stand.write("gpu 0000:3b:00.0\nlimit 400000 700000 200000 700000\n")
        #expect(code { () throws(NVMLError) in try nvml.powerLimit(of: gpu) } == .malformed)
        let old = try ScriptedNVML("gpu 0000:3b:00.0\nlimit 400000 200000 700000 700000\n", release: .old)
        var older = try NVML(path: old.library)
        let same = try older.attach(address)
        #expect(code { () throws(NVMLError) in try older.powerLimit(of: same) } == .noFunction)
        #expect(code { () throws(NVMLError) in try older.setPowerLimit(300_000, of: same) } == .noFunction)
        #expect(code { () throws(NVMLError) in try older.graphicsClocks(beside: 1, of: same) } == .noFunction)
        let schedule = NVMLSchedule(policy: 1)
        #expect(code { () throws(NVMLError) in try older.setSchedule(schedule, of: same) } == .noFunction)
    }
}
