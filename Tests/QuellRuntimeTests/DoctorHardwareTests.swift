import HostReaders
import TestSupport
import Testing

@testable import QuellRuntime

@Suite("What of caches and GPUs doctor says can be enforced")
struct DoctorHardwareTests {
    /// What is said of one thing.
    private func line(
        _ name: String,
        _ roots: HostRoots,
        isRoot: Bool = true,
        libraries: [String] = []
    ) throws -> DoctorReport.Line {
        try #require(Doctor.hardware(roots, isRoot: isRoot, libraries: libraries).first { $0.name == name })
    }

    @Test("cache groups: available with what they would have, degraded without bandwidth, or what is missing")
    func caches() throws {
        let host = CacheTree()
        let rich = try line("cache groups", host.roots)
        #expect(rich.state == "available" && rich.why == nil)
        #expect(rich.source.hasSuffix("quell-throttled with L3:0=1f;1=1f MB:0=50;1=50"))
        let plain = try line("cache groups", host.roots, isRoot: false)
        #expect(plain.state == "not available" && plain.why?.contains("only root") == true)
        #expect(plain.remedy?.contains("resctrl.conf") == true)
        var other = CacheTree.Host()
        other.options = "rw,mba_MBps"
        let half = CacheTree(other)
        let degraded = try line("cache groups", half.roots)
        #expect(degraded.state == "degraded" && degraded.why == CachePlan.inMegabytes)
        let none = try line("cache groups", HostRoots(tree: "/nowhere"))
        #expect(none.state == "not available" && none.why == "resctrl is not mounted")
    }

    @Test("GPUs: none, passed through, not permitted, and held by the host's driver")
    func gpus() throws {
        let stand = try ScriptedNVML("")
        let roots = HostRoots(tree: stand.root)
        let libraries = [stand.root + "/usr/lib"]
        #expect(try line("GPU power limit", roots, libraries: libraries).why == "this host has no NVIDIA GPU")
        try stand.place("0000:3b:00.0", driver: "vfio-pci")
        let hidden = try line("GPU clocks", roots, libraries: libraries)
        #expect(hidden.state == "not available")
        #expect(hidden.why == "alerts only: every NVIDIA GPU is passed through")
        try stand.place("0000:5e:00.0", driver: "nvidia")
        let denied = try line("GPU clocks", roots, libraries: libraries)
        #expect(denied.state == "not available" && denied.remedy?.contains("gpu.conf") == true)
        try stand.write("CapEff:\t0000000000200000\n", to: "proc/self/status")
        let partly = try line("GPU power limit", roots, libraries: libraries)
        #expect(partly.state == "degraded")
        #expect(
            partly.why == "only while one VM has the GPU to itself; 1 of 2 GPUs are passed through: alerts only"
        )
        let schedule = try line("vGPU schedule", roots, libraries: libraries)
        #expect(schedule.state == "not available" && schedule.why?.contains("no vGPU") == true)
    }
}
