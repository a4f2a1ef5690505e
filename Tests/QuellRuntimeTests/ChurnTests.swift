import Foundation
import Policy
import Sampling
import Signals
import Testing

@testable import QuellRuntime

/// VMs come and go by the thousand, some hurt, some blamed, some held when they go: nothing of them is kept.
///
/// `QUELL_CHURN` sets how many; the usual number takes a few seconds.
@Suite("VMs that come and go")
struct ChurnTests {
    /// A host whose VMs are replaced all the time, its inventory, and everything from the frame to the ladder.
    private struct Host {
        static let rows = 48
        var random = SplitMix64(seed: 20_261_201)
        var frame = Frame(hostCPUs: 8)
        var pipeline: Pipeline
        var present: [VMDescription] = []
        var lives = 0
        var held = 0
        var now = MonotonicTime(seconds: 1_000)

        init() throws {
            var policy = try PolicySource(named: [], directory: "").load()
            policy.mode = .enforce
            pipeline = Pipeline(policy: policy)
        }

        /// A VM that never was; every fourth has the UUID of one before.
        mutating func newcomer() -> VMDescription {
            lives += 1
            let low = lives % 4 == 0 ? UInt64(max(1, lives - 200)) : UInt64(lives)
            let identity = VMIdentity(uuid: VMUUID(high: 7, low: low), generation: UInt64(lives))
            let record = VMRecord(identity: identity, name: "vm-\(lives)", tenant: .known("t\(lives % 9)"), vcpus: 2)
            return VMDescription(record: record, pid: 1, taps: [])
        }

        /// Replaces some VMs: the first rows live long enough to be blamed and held, the others a few ticks.
        mutating func turnOver() {
            var wanted = present
            for index in wanted.indices {
                let stays = index < 12 ? 60 : 3
                if Int.random(in: 0..<stays, using: &random) == 0 { wanted[index] = newcomer() }
            }
            while wanted.count < Self.rows { wanted.append(newcomer()) }
            let change = Inventory(wanted: wanted, present: present)
            present = wanted
            for identity in change.removes { if let slot = frame.slot(of: identity) { frame.remove(slot) } }
            for vm in change.adds { _ = frame.place(vm.record) }
        }

        /// One second: every third VM of those that stay hurts the others at times.
        mutating func tick(_ number: Int) {
            now = now.advanced(bySeconds: 1)
            turnOver()
            frame.begin(at: now)
            let isLoud = number / 30 % 2 == 1
            for (index, vm) in present.enumerated() {
                guard let slot = frame.slot(of: vm.record.identity) else { continue }
                let isHog = index < 12 && index % 3 == 0
                let wobble = 1 + 0.1 * random.uniform()
                frame[slot, .cpuUsage] = Reading((isHog && isLoud ? 1.9 : 0.2) * wobble)
                frame[slot, .cpuRunDelay] = Reading((isLoud && !isHog ? 0.4 : 0.002) * wobble)
                frame[slot, .memRSS] = Reading(1e9 * wobble)
            }
            frame[host: .hostCPUPressure] = Reading(isLoud ? 0.6 : 0)
            for intent in pipeline.step(frame) {
                guard case .hold(let order) = intent else { continue }
                held += 1
                let isLucky = held % 3 != 2
                pipeline.note(
                    isLucky ? .granted(order, lease: UInt64(held)) : .failed(order.key, name: order.name, "no"),
                    at: now
                )
            }
        }

        /// How many things are kept, in whatever table.
        var entries: Int { Kept.count(pipeline) + Kept.count(frame) }
    }

    /// Counts what a value keeps: the elements of all collections in it, whatever they are called and wherever they are.
    private enum Kept {
        static func count(_ value: Any) -> Int {
            let mirror = Mirror(reflecting: value)
            switch mirror.displayStyle {
            case .collection, .dictionary, .set: return mirror.children.count
            case .struct, .class, .tuple, .optional: return mirror.children.reduce(0) { $0 + count($1.value) }
            default: return 0
            }
        }
    }

    @Test("Every table from the frame to the ladder stays as large as the VMs that there are")
    func bounded() throws {
        let wanted = ProcessInfo.processInfo.environment["QUELL_CHURN"].flatMap { Int($0) } ?? 6_000
        var host = try Host()
        var number = 0
        while host.lives < wanted / 5 {
            host.tick(number)
            number += 1
        }
        // A row more than before is one for good, with all its tables; how many rows there are is held below.
        let (early, rows) = (host.entries, host.frame.capacity)
        while host.lives < wanted {
            host.tick(number)
            number += 1
        }
        let late = host.entries
        #expect(host.held > 3, "\(host.held) holds: nobody was blamed")
        #expect(host.frame.capacity <= 2 * Host.rows)
        // What is remembered of holds and failures for a while is a few entries; one entry a life would be thousands.
        let expected = early * host.frame.capacity / rows
        #expect(late <= expected + 4 * Host.rows, "\(early) after \(wanted / 5) lives, \(late) after \(host.lives)")

        // An hour without VMs: what is remembered for a while is forgotten too.
        let change = Inventory(wanted: [], present: host.present)
        for identity in change.removes { if let slot = host.frame.slot(of: identity) { host.frame.remove(slot) } }
        for _ in 0..<60 {
            host.now = host.now.advanced(bySeconds: 60)
            host.frame.begin(at: host.now)
            for intent in host.pipeline.step(host.frame) {
                if case .release(let key, let reason) = intent {
                    host.pipeline.note(.released(key, name: "", lease: 1, reason), at: host.now)
                }
            }
        }
        #expect(host.pipeline.holds.isEmpty)
        #expect(host.frame.records.allSatisfy { $0 == nil })
    }

    @Test("The count finds what is kept")
    func counted() {
        struct Keeper { var table: [Int: Int] = [:]; var inner: [String]? = nil }
        var keeper = Keeper()
        #expect(Kept.count(keeper) == 0)
        keeper.table = [1: 1, 2: 2]
        keeper.inner = ["a"]
        #expect(Kept.count(keeper) == 3)
    }
}
