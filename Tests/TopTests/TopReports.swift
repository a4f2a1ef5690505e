import Signals

@testable import QuellRuntime

extension TopReport {
    /// A report of VMs that use so many cores.
    static func of(_ cores: [(name: String, cores: Double?)], tick: UInt64 = 1) -> TopReport {
        TopReport(
            status: .idle(tick: tick, vms: cores.count),
            host: ["host.run_queue": 3, "agent.cpu": 0.012],
            vms: cores.map { vm in
                Row(
                    uuid: "uuid-" + vm.name,
                    name: vm.name,
                    tenant: "tenant-" + vm.name,
                    workloadClass: "standard",
                    vcpus: 2,
                    running: true,
                    hurt: [],
                    selfInflicted: [],
                    blamedFor: [],
                    values: vm.cores.map { ["cpu.usage": $0] } ?? [:],
                    stale: []
                )
            },
            holds: []
        )
    }

    /// A hold of a VM.
    static func hold(_ name: String, dryRun: Bool = false) -> Hold {
        Hold(
            uuid: "uuid-" + name,
            name: name,
            contention: .cpu,
            step: "35%",
            phase: "in-force",
            origin: "ladder",
            rule: "cpu-steal",
            victim: "b",
            remaining: 298,
            dryRun: dryRun
        )
    }
}

extension StatusReport {
    /// A daemon at rest.
    static func idle(tick: UInt64, vms: Int) -> StatusReport {
        StatusReport(
            version: "1",
            mode: "enforce",
            disarmed: nil,
            windows: [],
            vms: vms,
            hurt: [],
            blamed: [],
            leases: 0,
            holds: 0,
            ticks: tick,
            lastTickAge: 0.5,
            libvirt: true,
            rules: 10
        )
    }
}
