import Benchmark
import Demo
import QuellRuntime
import Signals

/// A scripted host of the given size: every eighth VM as in the demo, so that some are hurt and one is to blame.
func host(of count: Int) -> ScriptedHost {
    var vms: [ScriptedVM] = []
    for index in 0..<count {
        let model = ScriptedVM.demoHost[index % ScriptedVM.demoHost.count]
        vms.append(
            ScriptedVM(
                name: "\(model.record.name)-\(index)",
                tenant: "tenant-\(index % 7)",
                vcpus: model.record.vcpus,
                demand: model.demand,
                memory: model.memory,
                leak: model.leak
            )
        )
    }
    return ScriptedHost(vms: vms, hostCPUs: count)
}

let benchmarks: @Sendable () -> Void = {
    // A tolerance that tells a doubling from noise. CPU time is counted in ticks of 10 ms and would mostly read 0 here.
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock],
        warmupIterations: 5,
        scalingFactor: .one,
        maxDuration: .seconds(5),
        thresholds: [.wallClock: .init(relative: [.p50: 50])]
    )

    for count in [10, 100, 1_000] {
        // Detection, attribution and ladder over one frame, warm: divide by the number of VMs for the cost of one.
        Benchmark("pipeline step, \(count) VMs") { benchmark in
            var scripted = host(of: count)
            guard let policy = try? PolicySource(named: [], directory: "").load() else {
                benchmark.error("the shipped policy does not load")
                return
            }
            var pipeline = Pipeline(policy: policy)
            for _ in 0..<60 {
                scripted.advance()
                _ = pipeline.step(scripted.frame)
            }
            benchmark.startMeasurement()
            // Ten steps a sample: divide by ten for one.
            for _ in 0..<10 { blackHole(pipeline.step(scripted.frame)) }
            benchmark.stopMeasurement()
        }
    }
}
