import HostReaders
import TestSupport
import Testing

@Suite("NVML")
struct NVMLTests {
    private let address = "0000:3b:00.0"
    private let full = """
        gpu 0000:3b:00.0
        utilization 35 12
        memory 85899345920 600000000 80000000000 5000000000
        power 250500
        reasons 0x4
        ecc 7
        pcie 1500 2500
        events
        """

    /// The failure of a call.
    private func failure<Value>(_ call: () throws(NVMLError) -> Value) -> NVMLError.Code? {
        do {
            _ = try call()
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a whole GPU tells everything in the units that are promised")
    func whole() throws {
        let stand = try ScriptedNVML(full)
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(gpu.hasEvents)
        let shares = try nvml.utilization(of: gpu)
        #expect(shares.sm == 0.35 && shares.memory == 0.12)
        #expect(try nvml.memoryUsed(of: gpu) == 5_000_000_000)
        #expect(try nvml.power(of: gpu) == 250_500)
        #expect(try nvml.throttleReasons(of: gpu) == 1)
        #expect(try nvml.uncorrectedErrors(of: gpu) == 7)
        let pcie = try nvml.pcieThroughput(of: gpu)
        #expect(pcie.rx == 1_500_000 && pcie.tx == 2_500_000)
        #expect(try nvml.nextEvent(of: [gpu]) == nil)
        #expect(try nvml.instances(of: gpu).isEmpty)
    }

    @Test("the library is initialised once and shut down when it is let go; a GPU is attached only when asked for")
    func lifetime() throws {
        let stand = try ScriptedNVML("gpu 0000:3b:00.0\ngpu 0000:5e:00.0\n")
        do {
            var nvml = try NVML(path: stand.library)
            #expect(stand.log == ["init"])
            _ = try nvml.attach("0000:5e:00.0")
        }
        #expect(stand.log == ["init", "attach 0000:5e:00.0", "shutdown"])
    }

    @Test("a library that is not there, or is another one, is an error that names it")
    func noLibrary() throws {
        do {
            _ = try NVML(path: "/nowhere/libnvidia-ml.so.1")
            Issue.record("opened")
        } catch {
            #expect(error.code == .noLibrary && error.isLasting)
            #expect(error.description.contains("/nowhere/libnvidia-ml.so.1"))
        }
        do {
            _ = try NVML(path: "libm.so.6")
            Issue.record("initialised")
        } catch {
            #expect(error.code == .noFunction && error.function == "nvmlInit_v2")
        }
    }

    @Test(
        "NVML's own number and words come through one funnel",
        arguments: [
            ("driver_not_loaded", NVMLError.Code.driverNotLoaded, "Driver Not Loaded", true),
            ("version_mismatch", .versionMismatch, "Driver/library version mismatch", true),
            ("no_permission", .noPermission, "Insufficient Permissions", true),
            ("uninitialized", .lost, "Uninitialized", false),
            ("unknown", .other(999), "Unknown Error", false),
            ("17", .other(17), "Unknown Error", false),
        ]
    )
    func failures(name: String, code: NVMLError.Code, text: String, isLasting: Bool) throws {
        let stand = try ScriptedNVML("init \(name)\n")
        do {
            _ = try NVML(path: stand.library)
            Issue.record("initialised")
        } catch {
            #expect(error.code == code && error.message == text && error.isLasting == isLasting)
        }
        #expect(stand.log.isEmpty, "nothing is shut down that was not initialised")
    }

    @Test("what a GPU does not support fails by itself")
    func notSupported() throws {
        let stand = try ScriptedNVML("gpu 0000:3b:00.0\npower 1000\n")
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(!gpu.hasEvents)
        #expect(try nvml.power(of: gpu) == 1_000)
        #expect(failure { () throws(NVMLError) in try nvml.utilization(of: gpu) } == .notSupported)
        #expect(failure { () throws(NVMLError) in try nvml.memoryUsed(of: gpu) } == .notSupported)
        #expect(failure { () throws(NVMLError) in try nvml.throttleReasons(of: gpu) } == .notSupported)
        #expect(failure { () throws(NVMLError) in try nvml.uncorrectedErrors(of: gpu) } == .notSupported)
        #expect(failure { () throws(NVMLError) in try nvml.pcieThroughput(of: gpu) } == .notSupported)
        #expect(failure { () throws(NVMLError) in try nvml.vgpus(of: gpu) } == .notSupported)
    }

    @Test("an old library gives what it has, by the old names and layouts, and lacks the rest")
    func old() throws {
        let stand = try ScriptedNVML(full, release: .old)
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(!gpu.hasEvents)
        #expect(try nvml.throttleReasons(of: gpu) == 1)
        #expect(try nvml.memoryUsed(of: gpu) == 5_600_000_000, "the first layout counts what is reserved")
        #expect(failure { () throws(NVMLError) in try nvml.vgpus(of: gpu) } == .noFunction)
        #expect(failure { () throws(NVMLError) in try nvml.vgpuSamples(of: gpu, since: 0) } == .noFunction)
        #expect(failure { () throws(NVMLError) in try nvml.instances(of: gpu) } == .noFunction)
        #expect(failure { () throws(NVMLError) in try nvml.nextEvent(of: [gpu]) } == .notSupported)
    }

    @Test("a driver that refuses the second layout of memory is asked for the first")
    func memoryLayout() throws {
        let stand = try ScriptedNVML(full + "\nerror nvmlDeviceGetMemoryInfo_v2 not_supported\n")
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(try nvml.memoryUsed(of: gpu) == 5_600_000_000)
        try stand.write(full + "\nerror nvmlDeviceGetMemoryInfo_v2 unknown\n")
        #expect(failure { () throws(NVMLError) in try nvml.memoryUsed(of: gpu) } == .other(999))
    }

    @Test("a GPU that is lost, removed or not seen is told apart from one that does not support a call")
    func lost() throws {
        let stand = try ScriptedNVML(full)
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(failure { () throws(NVMLError) in try nvml.attach("0000:99:00.0") } == .notFound)
        try stand.write(full + "\nlost\n")
        #expect(failure { () throws(NVMLError) in try nvml.power(of: gpu) } == .lost)
        #expect(failure { () throws(NVMLError) in try nvml.nextEvent(of: [gpu]) } == .lost)
        try stand.write("# all gone\n")
        #expect(failure { () throws(NVMLError) in try nvml.power(of: gpu) } == .invalidArgument)
    }

    @Test(
        "percentages above a hundred are refused",
        arguments: [("100 0", true), ("0 100", true), ("101 0", false), ("0 4294967295", false)]
    )
    func percentages(text: String, isTaken: Bool) throws {
        let stand = try ScriptedNVML("gpu 0000:3b:00.0\nutilization \(text)\n")
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(failure { () throws(NVMLError) in try nvml.utilization(of: gpu) } == (isTaken ? nil : .malformed))
    }

    @Test(
        "of the reasons for clocks only those count that hold them down, one cause once",
        arguments: [
            ("0", 0), ("0x1", 0), ("0x2", 0), ("0x3", 0), ("0x4", 1), ("0x24", 2), ("0x8", 1), ("0x48", 1), ("0x88", 1),
            ("0xc8", 2), ("0x1f", 3), ("0x8000000000000000", 1), ("0xffffffffffffffff", 61),
        ]
    )
    func reasons(mask: String, count: Int) throws {
        let stand = try ScriptedNVML("gpu 0000:3b:00.0\nreasons \(mask)\n")
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(try nvml.throttleReasons(of: gpu) == count)
    }

    @Test("Xid errors are told once, with the instance that they are of, and none from before")
    func events() throws {
        let stand = try ScriptedNVML(full + "\nxid 1 31\n")
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(try nvml.nextEvent(of: [gpu]) == nil)
        try stand.write(full + "\nxid 1 31\nxid 2 79\nxid 3 13 4\n")
        let whole = try #require(try nvml.nextEvent(of: [gpu]))
        #expect(whole.device == gpu && whole.instance == nil && whole.xid == 79)
        let part = try #require(try nvml.nextEvent(of: [gpu]))
        #expect(part.device == gpu && part.instance == 4 && part.xid == 13)
        #expect(try nvml.nextEvent(of: [gpu]) == nil)
        try stand.write(full + "\nxid 4 31\n")
        #expect(try nvml.nextEvent(of: []) == nil, "events of GPUs that were not asked for are passed over")
    }

    @Test("MIG instances are listed past empty places, and the whole GPU then has no utilisation")
    func instances() throws {
        let script = full + "\nmig\ninstance 1 111\ninstance 5 555\n"
        let stand = try ScriptedNVML(script)
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        let instances = try nvml.instances(of: gpu)
        #expect(instances.map(\.id) == [1, 5] && instances.map(\.memoryUsed) == [111, 555])
        #expect(failure { () throws(NVMLError) in try nvml.utilization(of: gpu) } == .notSupported)
    }
}
