import Foundation
import HostReaders
import Sampling
import Signals
import TestSupport
import Testing

@Suite("GPUs that fail")
struct GPUFaultTests {
    private let full = """
        gpu 0000:3b:00.0
        utilization 35 12
        memory 85899345920 600000000 80000000000 5000000000
        power 250500
        reasons 0
        ecc 7
        pcie 1500 2500
        events

        """

    /// A bed whose first VM has the GPU to itself while the host's driver holds it.
    private func bed(_ script: String) throws -> GPUBed {
        let bed = try GPUBed(script)
        try bed.stand.place("0000:3b:00.0", driver: "nvidia")
        bed.source.watch([GPUBed.vm(GPUBed.first, pci: ["0000:3b:00.0"])])
        return bed
    }

    @Test("a GPU that is lost is missing, never zero, and is opened anew after a while")
    func lost() throws {
        let bed = try bed(full)
        bed.read()
        bed.read()
        #expect(bed.signals(.ok) == GPUBed.signals && bed.source.fault == nil)
        try bed.read(full + "lost\n")
        #expect(bed.signals(.missing) == GPUBed.signals)
        #expect(bed.source.fault?.code == .lost)
        for _ in 0..<9 { bed.read() }
        #expect(bed.stand.log == ["init", "attach 0000:3b:00.0"])
        try bed.read(full)
        #expect(bed.stand.log.suffix(3) == ["shutdown", "init", "attach 0000:3b:00.0"])
        #expect(bed.source.fault == nil)
        #expect(bed.signals(.missing) == [.gpuXID], "errors of the time between were not recorded")
        #expect(bed.reading(.gpuECC) == Reading(0), "the driver counted on")
    }

    @Test("a GPU that answers again before that is read on as it is")
    func blink() throws {
        let bed = try bed(full)
        bed.read()
        try bed.read(full + "lost\n")
        try bed.read(full)
        #expect(bed.signals(.ok) == GPUBed.signals && bed.source.fault == nil)
        for _ in 0..<15 { bed.read() }
        #expect(bed.stand.log == ["init", "attach 0000:3b:00.0"])
    }

    @Test("a healthy GPU is read on while another one is lost")
    func oneOfTwo() throws {
        let second = full.replacing("3b", with: "5e")
        let bed = try bed(full + second)
        try bed.stand.place("0000:5e:00.0", driver: "nvidia")
        bed.source.watch([
            GPUBed.vm(GPUBed.first, pci: ["0000:3b:00.0"]), GPUBed.vm(GPUBed.second, pci: ["0000:5e:00.0"]),
        ])
        bed.read()
        for _ in 0..<25 {
            try bed.read(full + second + "lost\n")
            #expect(bed.reading(.gpuPower) == Reading(250.5))
            #expect(bed.reading(.gpuPower, of: GPUBed.second) == .missing)
        }
        #expect(bed.stand.log.filter { $0 == "init" }.count == 2, "tried again after 10 seconds, then after 20")
    }

    @Test("a GPU that was removed is missing, and not observable once the host has it no more")
    func removed() throws {
        let bed = try bed(full)
        bed.read()
        try bed.read("# gone\n")
        #expect(bed.signals(.missing) == GPUBed.signals)
        #expect(bed.source.fault?.code == .invalidArgument)
        try bed.stand.remove("sys/bus/pci/devices/0000:3b:00.0")
        for _ in 0..<29 { bed.read() }
        #expect(bed.signals(.notObservable) == GPUBed.signals)
        #expect(bed.source.fault == nil && !bed.source.isOpen)
    }

    @Test("a GPU that NVML does not see, or may not be talked to, is told so")
    func unseen() throws {
        let bed = try bed("gpu 0000:5e:00.0\n")
        bed.read()
        #expect(bed.signals(.missing) == GPUBed.signals && bed.source.fault?.code == .notFound)
        let refused = try self.bed(full + "error nvmlDeviceGetHandleByPciBusId_v2 no_permission\n")
        refused.read()
        #expect(refused.signals(.notObservable) == GPUBed.signals && refused.source.fault?.code == .noPermission)
    }

    @Test(
        "without a driver that works nothing is observable, until it does",
        arguments: ["driver_not_loaded", "version_mismatch", "no_permission"]
    )
    func noDriver(code: String) throws {
        let bed = try bed(full + "init \(code)\n")
        bed.read()
        #expect(bed.signals(.notObservable) == GPUBed.signals)
        #expect(bed.source.fault != nil && !bed.source.isOpen)
        try bed.stand.write(full)
        bed.read(after: 9)
        #expect(!bed.source.isOpen)
        bed.read()
        #expect(bed.source.isOpen && bed.source.fault == nil)
        #expect(bed.reading(.gpuPower) == Reading(250.5))
    }

    @Test("a library that is installed later is loaded then, at ever longer intervals")
    func noLibrary() throws {
        let bed = try bed(full)
        let aside = bed.stand.library + ".aside"
        try FileManager.default.moveItem(atPath: bed.stand.library, toPath: aside)
        bed.read()
        #expect(bed.signals(.notObservable) == GPUBed.signals && bed.source.fault?.code == .noLibrary)
        bed.read(after: 10)
        #expect(bed.source.fault?.code == .noLibrary)
        try FileManager.default.moveItem(atPath: aside, toPath: bed.stand.library)
        bed.read(after: 19)
        #expect(bed.source.fault?.code == .noLibrary)
        bed.read()
        #expect(bed.source.fault == nil && bed.reading(.gpuPower) == Reading(250.5))
    }

    @Test("a driver that goes away under an open library is opened anew when it is back")
    func driverGone() throws {
        let bed = try bed(full)
        bed.read()
        try bed.read(full + "error nvmlDeviceGetPowerUsage uninitialized\n")
        #expect(bed.source.fault?.code == .lost)
        bed.read(after: 10)
        #expect(bed.reading(.gpuPower) == .missing)
        try bed.read(full, after: 20)
        #expect(bed.source.fault == nil && bed.reading(.gpuPower) == Reading(250.5))
    }

    @Test("a flood of Xid errors is counted in full, over as many reads as it takes")
    func flood() throws {
        let bed = try bed(full)
        bed.read()
        let errors = (1...60).map { "xid \($0) 31\n" }.joined()
        try bed.read(full + errors)
        #expect(bed.reading(.gpuXID) == Reading(60))
    }
}
