import AttributionMatrix
import Demo
import Foundation
import Policy
import Signals
import Testing

@testable import QuellRuntime

/// The shipped profiles, on top of the shipped policy.
enum Profile: String, CaseIterable, Sendable {
    case mixedTenant = "10-mixed-tenant"
    case singleTenant = "10-single-tenant"
    case gpu = "20-gpu"
    case latencyCritical = "30-latency-critical"

    /// The directory in the repository.
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Thresholds/profiles")

    /// The shipped policy with some profiles on top.
    static func policy(_ profiles: [Profile], site: String = "version: 1\n") throws -> PolicySet {
        var texts = [(file: "default.yaml", text: PolicySource.shipped)]
        for profile in profiles {
            let file = directory.appendingPathComponent(profile.rawValue + ".yaml")
            texts.append((file.lastPathComponent, try String(contentsOf: file, encoding: .utf8)))
        }
        return try PolicyLoader.load(texts: texts + [("50-site.yaml", site)])
    }
}

@Suite("The shipped profiles")
struct ProfilesTests {
    /// What a policy makes of some seconds of a scripted host, where every order is carried out and helps nobody.
    struct Story {
        /// The orders, each with its second.
        var orders: [(second: Double, order: HoldOrder)] = []
        /// The onsets of rules, each with its second and VM.
        var onsets: [(second: Double, rule: String, vm: String)] = []

        /// The names of the VMs that were held.
        var held: Set<String> { Set(orders.map(\.order.name)) }

        init(_ policy: PolicySet, on vms: [ScriptedVM] = ScriptedVM.demoHost, seconds: Int = 110) {
            var host = ScriptedHost(vms: vms)
            var policy = policy
            policy.mode = .enforce
            var pipeline = Pipeline(policy: policy)
            for _ in 0..<seconds {
                host.advance()
                let intents = pipeline.step(host.frame)
                for verdict in pipeline.verdicts where verdict.phase == .onset {
                    let vm = host.frame[record: verdict.slot]?.name ?? ""
                    onsets.append((host.second, policy.rules[verdict.rule].name, vm))
                }
                for case .hold(let order) in intents {
                    let event = LeaseEvent.granted(order, lease: 1)
                    pipeline.note(held.contains(order.name) ? .adjusted(order, lease: 1) : event, at: host.frame.time)
                    orders.append((host.second, order))
                }
            }
        }
    }

    /// The demo's host, its VMs of the classes that are named.
    private func host(classes: [String: String]) -> [ScriptedVM] {
        ScriptedVM.demoHost.map { vm in
            var vm = vm
            vm.record.workloadClass = classes[vm.record.name] ?? vm.record.workloadClass
            return vm
        }
    }

    @Test("every one of them, and all of them together in any choice, is good and stays in dry run", arguments: 0..<16)
    func combinations(_ choice: Int) throws {
        let chosen = Profile.allCases.enumerated().filter { choice >> $0.offset & 1 == 1 }.map(\.element)
        let policy = try Profile.policy(chosen)
        #expect(policy.mode == .dryRun)
        #expect(policy.rules.count >= 38 && policy.rules.allSatisfy { !$0.summary.isEmpty })
        #expect(policy.limits.suspendedVMs == 0 && policy.protectedVMs.isEmpty && policy.windows.isEmpty)
        #expect(policy.rules.allSatisfy { $0.ladder == nil || ($0.above != nil && $0.rest == 0) })
        #expect(policy.ladders.values.allSatisfy { plan in plan.steps.allSatisfy { $0.share != nil } })
    }

    @Test("there are no others, and each says whom it is for", arguments: Profile.allCases)
    func headers(_ profile: Profile) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Profile.directory.path).sorted()
        #expect(names == Profile.allCases.map { $0.rawValue + ".yaml" })
        let file = Profile.directory.appendingPathComponent(profile.rawValue + ".yaml")
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        #expect(lines[2].hasPrefix("# For hosts ") && lines[4].hasPrefix("# It goes on top of 00-default.yaml"))
        #expect(!lines.contains("mode: enforce"))
    }

    @Test(
        "the default holds the noisy VM step by step; mixed-tenant begins a batch VM at 35% and never holds gold below 60%"
    )
    func mixedTenant() throws {
        let plain = Story(try Profile.policy([]))
        #expect(plain.held == ["labs-batch"] && plain.orders.first?.order.step == .throttle(0.6))
        let policy = try Profile.policy([.mixedTenant])
        let batch = Story(policy, on: host(classes: ["labs-batch": "batch"]))
        #expect(batch.held == ["labs-batch"] && batch.orders.first?.order.step == .throttle(0.35))
        let gold = Story(policy, on: host(classes: ["labs-batch": "gold"]))
        #expect(gold.held == ["labs-batch"] && gold.orders.allSatisfy { $0.order.step == .throttle(0.6) })
        #expect(plain.orders.contains { $0.order.step == .throttle(0.2) })
        let rule = try #require(policy.rules.first { $0.name == "net-spoofing" })
        #expect(rule.severity == .critical && rule.sustain == 2)
    }

    @Test("single-tenant tells of VMs that take from each other and holds nobody, but for what is critical")
    func singleTenant() throws {
        let policy = try Profile.policy([.singleTenant])
        let told = Story(policy)
        #expect(told.onsets.contains { $0.rule == "cpu-starved" && $0.vm == "shop-db" })
        #expect(told.orders.isEmpty)
        let defended = Story(policy, on: host(classes: ["shop-db": "critical"]))
        #expect(defended.held == ["labs-batch"])
        #expect(
            defended.orders.allSatisfy { $0.order.rule == "critical-cpu-starved" && $0.order.victimName == "shop-db" }
        )
        #expect(!policy.rules.contains { $0.name == "sustained-mining" })
    }

    /// A host that a VM of 2.3 cores fills to the brim and no further.
    private static let brim: [ScriptedVM] = [
        ScriptedVM(name: "trade-1", tenant: "trade", vcpus: 2, demand: .steady(1.2)),
        ScriptedVM(name: "trade-2", tenant: "trade", vcpus: 2, demand: .steady(1.3)),
        ScriptedVM(name: "trade-3", tenant: "trade", vcpus: 2, demand: .steady(1.2)),
        ScriptedVM(name: "desk", tenant: "desk", vcpus: 2, demand: .steady(1)),
        ScriptedVM(name: "report", tenant: "desk", vcpus: 4, demand: .noisy(low: 0.3, high: 3.3, from: 60, until: 110)),
    ]

    @Test("latency-critical holds a VM for waits that the default takes for normal, and never later than the default")
    func latencyCritical() throws {
        let policy = try Profile.policy([.latencyCritical])
        let plain = Story(try Profile.policy([]), on: Self.brim)
        #expect(plain.orders.isEmpty && !plain.onsets.contains { $0.rule == "cpu-starved" })
        let keen = Story(policy, on: Self.brim)
        #expect(keen.held == ["report"] && keen.onsets.contains { $0.rule == "cpu-starved" })

        let usual = try #require(Story(try Profile.policy([])).orders.first)
        let sooner = try #require(Story(policy).orders.first)
        #expect(sooner.second <= usual.second && sooner.order.vm == usual.order.vm)
        let last = Story(policy).orders.first { $0.order.step == .throttle(0.2) }
        let usualLast = Story(try Profile.policy([])).orders.first { $0.order.step == .throttle(0.2) }
        #expect(try #require(last).second < #require(usualLast).second)
    }

    @Test("gpu tells of errors of GPUs and devices, each at one in the hour and none without")
    func gpuErrors() throws {
        let policy = try Profile.policy([.gpu])
        let rules: [(String, Signal)] = [
            ("gpu-driver-error", .gpuXID), ("gpu-memory-error", .gpuECC), ("device-dma-fault", .pciIOMMUFaults),
        ]
        for (name, signal) in rules {
            #expect(fired(policy, [signal: 0]).isEmpty)
            #expect(fired(policy, [signal: 1]) == [name])
            #expect(fired(try Profile.policy([]), [signal: 1]).isEmpty)
            #expect(fired(policy, [:]).isEmpty)
        }
        #expect(fired(policy, [.gpuThrottleReasons: 1], seconds: 20) == ["gpu-throttled"])
        #expect(fired(try Profile.policy([]), [.gpuThrottleReasons: 1], seconds: 20).isEmpty)
        #expect(fired(policy, [.pciAERErrors: 0.1], seconds: 120) == ["device-errors"])
        #expect(fired(policy, [.gpuMemBandwidthUtil: 0.95], seconds: 700) == ["gpu-memory-hog"])
        #expect(fired(policy, [.gpuMemBandwidthUtil: 0.85], seconds: 700).isEmpty)
    }

    /// The rules that fire on a VM with steady readings.
    private func fired(_ policy: PolicySet, _ readings: [Signal: Double], seconds: Int = 10) -> Set<String> {
        var pipeline = Pipeline(policy: policy)
        var frame = Frame(hostCPUs: 8)
        _ = frame.place(ScriptedVM.demoHost[0].record)
        var fired: Set<String> = []
        for second in 1...seconds {
            frame.begin(at: MonotonicTime(seconds: 1_000 + Double(second)))
            for (signal, value) in readings { frame[VMSlot(0), signal] = Reading(value) }
            _ = pipeline.step(frame)
            for verdict in pipeline.verdicts where verdict.phase == .onset {
                fired.insert(policy.rules[verdict.rule].name)
            }
        }
        return fired
    }

    @Test("gpu would lower the power of who takes it from all, where the default only tells", arguments: 1...8)
    func gpuPower(_ seed: UInt64) throws {
        var over: [String: Set<Contention>] = [:]
        var culprits: [Int] = []
        var held: Set<Int> = []
        for profiles in [[], [Profile.gpu]] {
            var host = MatrixHost(.power, .single, seed: seed)
            culprits = host.culprits
            var frame = host.frame()
            let policy = try Profile.policy(profiles)
            var pipeline = Pipeline(policy: policy)
            for tick in 0..<MatrixHost.ticks {
                host.play(tick, into: &frame)
                // Nobody is held whose use of the CPU was not read.
                for row in 0..<host.count { frame[VMSlot(row), .cpuUsage] = Reading(0.4) }
                for case .hold(let order) in pipeline.step(frame) {
                    over[profiles.isEmpty ? "default" : "gpu", default: []].insert(order.contention)
                    if let slot = frame.slot(of: order.vm) { held.insert(slot.index) }
                    pipeline.note(.wouldHold(order), at: frame.time)
                }
            }
        }
        #expect(over["default"] == nil)
        #expect(over["gpu"] == [.power] && held == Set(culprits))
    }
}
