import Attribution
import Signals
import Testing

/// One contention as tests play it: by what a victim suffers, and where a VM's use is read.
struct ContentionCase: Sendable, CustomTestStringConvertible {
    /// What is told in the end.
    var contention: Contention
    /// By what a victim suffers.
    var suffering: Signal
    /// Where its use is read.
    var use: Signal
    /// Much of it.
    var amount: Double
    /// Suffering from here on.
    var bound: Double
    /// Where one lies whom it takes to contend; `nil` for the whole host.
    var place: (@Sendable (inout VMScope, UInt32) -> Void)?
    /// The most that it is sure of.
    var ceiling = 1.0

    /// What tests show.
    var testDescription: String { "\(contention.rawValue) by \(use.name)" }

    /// All of them but the CPU, which has tests of its own.
    static let all: [ContentionCase] = [
        lying(.memory, .memPressureFull, .memRSS, 40e9, 0.05) { $0.nodes = [$1] },
        lying(.disk, .ioPressureFull, .diskWriteBytes, 400e6, 0.2) { $0.disks = [$1] },
        lying(.disk, .diskLatency, .diskFlushes, 800, 0.02) { $0.disks = [$1] },
        lying(.network, .netDrops, .netTxBytes, 900e6, 500) { $0.links = [$1] },
        lying(.network, .netDrops, .netRxBytes, 900e6, 500) { $0.links = [$1] },
        lying(.gpu, .gpuThrottleReasons, .gpuSMUtil, 0.8, 0.9) { $0.gpus = [$1] },
        .init(
            contention: .memoryBandwidth,
            suffering: .perfCPI,
            use: .mbmTotal,
            amount: 40e9,
            bound: 2,
            place: { $0.nodes = [$1] },
            ceiling: 0.5
        ),
        .init(
            contention: .llc,
            suffering: .perfCPI,
            use: .perfLLCMissRate,
            amount: 400e6,
            bound: 2,
            place: { $0.caches = [$1] },
            ceiling: 0.4
        ),
        .init(contention: .busLock, suffering: .perfCPI, use: .busSplitLocks, amount: 4_000, bound: 2, ceiling: 0.5),
    ]

    /// One where both must lie in the same place.
    private static func lying(
        _ contention: Contention,
        _ suffering: Signal,
        _ use: Signal,
        _ amount: Double,
        _ bound: Double,
        place: @escaping @Sendable (inout VMScope, UInt32) -> Void
    ) -> ContentionCase {
        ContentionCase(
            contention: contention,
            suffering: suffering,
            use: use,
            amount: amount,
            bound: bound,
            place: place
        )
    }

    /// A host of four VMs that use a fortieth each, the culprit to be in row 2.
    func scene() -> Scene {
        let use = use
        return Scene(suffering, above: bound) { frame, slot, value in
            for signal in Signal.allCases where signal.scope == .vm { frame[slot, signal] = .notObservable }
            frame[slot, use] = value.map { Reading($0) } ?? .missing
        }
    }

    /// Use at usual times: none of what nobody does usually.
    var usual: [Double?] { contention == .busLock ? [0, 0, 0, 0] : Array(repeating: amount / 40, count: 4) }
    /// The same with much in row 2.
    var noisy: [Double?] { [usual[0], usual[1], amount, usual[3]] }
}

@Suite("Who is to blame, for each contention")
struct ContentionTests {
    @Test("a VM that takes far more than its share while another suffers is named", arguments: ContentionCase.all)
    func detects(_ kind: ContentionCase) throws {
        var scene = kind.scene()
        scene.play(40, use: kind.usual, suffering: kind.bound / 20)
        #expect(scene.findings.isEmpty)
        #expect(scene.play(2, use: kind.noisy, suffering: kind.bound * 3) == .blamed(VMSlot(2)))
        let finding = try #require(scene.findings.first)
        #expect(finding.contention == kind.contention)
        #expect(finding.measure?.unit == kind.use.unit)
        #expect(finding.confidence <= kind.ceiling)
        #expect(finding.confidence > 0.85 * kind.ceiling)
    }

    @Test("it stays named while it goes on, and once it pauses and begins again", arguments: ContentionCase.all)
    func pauses(_ kind: ContentionCase) {
        guard kind.contention != .memory else { return }
        var scene = kind.scene()
        scene.play(40, use: kind.usual, suffering: kind.bound / 20)
        for _ in 0..<6 {
            scene.play(2, use: kind.noisy, suffering: kind.bound * 3)
            for _ in 0..<8 { #expect(scene.play(use: kind.noisy, suffering: kind.bound * 3) == .blamed(VMSlot(2))) }
            scene.play(12, use: kind.usual, suffering: kind.bound / 20)
        }
        #expect(scene.play(use: kind.noisy, suffering: kind.bound * 3) == .blamed(VMSlot(2)))
    }

    @Test("where nobody uses more, nobody is to blame", arguments: ContentionCase.all)
    func external(_ kind: ContentionCase) {
        var scene = kind.scene()
        scene.play(40, use: kind.usual, suffering: kind.bound / 20)
        for _ in 0..<40 { #expect(scene.play(use: kind.usual, suffering: kind.bound * 3) == .nobody) }
    }

    @Test("where all use more alike, nobody is to blame", arguments: ContentionCase.all)
    func everybody(_ kind: ContentionCase) {
        guard kind.contention != .busLock else { return }
        var scene = kind.scene()
        scene.play(40, use: kind.usual, suffering: kind.bound / 20)
        let all = kind.usual.map { $0.map { $0 * 8 } }
        for _ in 0..<10 { #expect(scene.play(use: all, suffering: kind.bound * 3) == .nobody) }
    }

    @Test("a VM that was always busy is not blamed", arguments: ContentionCase.all)
    func alwaysBusy(_ kind: ContentionCase) {
        var scene = kind.scene()
        scene.play(40, use: kind.noisy, suffering: kind.bound / 20)
        #expect(scene.play(5, use: kind.noisy, suffering: kind.bound * 3) == .nobody)
    }

    @Test("a VM in another place is not blamed, one that may be in the same is", arguments: ContentionCase.all)
    func places(_ kind: ContentionCase) {
        guard let place = kind.place else { return }
        let cases: [(UInt32?, UInt32?, Bool)] = [(1, 2, false), (1, 1, true), (nil, 2, true), (1, nil, true)]
        for (mine, theirs, blamed) in cases {
            var scene = kind.scene()
            for row in [0, 1] { if let mine { change(&scene, row) { place(&$0, mine) } } }
            for row in [2, 3] { if let theirs { change(&scene, row) { place(&$0, theirs) } } }
            scene.play(40, use: kind.usual, suffering: kind.bound / 20)
            let outcome = scene.play(3, use: kind.noisy, suffering: kind.bound * 3)
            #expect(outcome == (blamed ? .blamed(VMSlot(2)) : .nobody))
            #expect(blamed || scene.rejection(2) == .elsewhere)
        }
    }

    @Test("readings that are missing, stale or not observable blame nobody", arguments: ContentionCase.all)
    func missing(_ kind: ContentionCase) {
        var scene = kind.scene()
        scene.play(40, use: kind.usual, suffering: kind.bound / 20)
        var blind = kind.noisy
        blind[2] = nil
        #expect(scene.play(5, use: blind, suffering: kind.bound * 3) == .nobody)
        for quality in [Quality.stale, .notObservable, .reset] {
            var other = Scene(kind.suffering, above: kind.bound) { frame, slot, value in
                for signal in Signal.allCases where signal.scope == .vm { frame[slot, signal] = .notObservable }
                frame[slot, kind.use] = Reading(value ?? 0, slot.index == 2 ? quality : .ok)
            }
            other.play(40, use: kind.usual, suffering: kind.bound / 20)
            #expect(other.play(5, use: kind.noisy, suffering: kind.bound * 3) == .nobody)
        }
    }

    @Test("a VM under a job is not blamed, and one under a job of its own is no victim", arguments: ContentionCase.all)
    func jobs(_ kind: ContentionCase) {
        for (row, expected) in [(2, Finding.Outcome.nobody), (0, .selfInflicted(.job))] {
            var scene = kind.scene()
            scene.play(40, use: kind.usual, suffering: kind.bound / 20)
            scene.frame[record: VMSlot(row)]?.activity = .backup
            #expect(scene.play(3, use: kind.noisy, suffering: kind.bound * 3) == expected)
        }
    }

    @Test("a VM that does it to itself blames nobody", arguments: ContentionCase.all)
    func own(_ kind: ContentionCase) {
        var scene = kind.scene()
        scene.play(40, use: kind.usual, suffering: kind.bound / 20)
        var use = kind.usual
        use[0] = kind.amount
        let outcome = scene.play(5, use: use, suffering: kind.bound * 3)
        // Misses and bandwidth also rise because a VM is hurt, so that they tell nothing of its own doing.
        let isUnsure = kind.contention == .llc || kind.contention == .memoryBandwidth
        #expect(outcome == (isUnsure ? .nobody : .selfInflicted(.ownDemand)))
    }

    @Test("of two culprits the larger is named, the other is told, and named once the first is acquitted")
    func two() {
        for kind in ContentionCase.all where kind.contention == .disk || kind.contention == .network {
            var scene = kind.scene()
            scene.play(40, use: kind.usual, suffering: kind.bound / 20)
            var use = kind.noisy
            use[3] = kind.amount * 0.8
            #expect(scene.play(3, use: use, suffering: kind.bound * 3) == .blamed(VMSlot(2)))
            #expect(scene.findings.first?.alsoGuilty == [VMSlot(3)])
            scene.acquit(2)
            #expect(scene.play(use: use, suffering: kind.bound * 3) == .blamed(VMSlot(3)))
            #expect(scene.rejection(2) == .acquitted)
        }
    }

    private func change(_ scene: inout Scene, _ row: Int, _ body: (inout VMScope) -> Void) {
        guard var scope = scene.frame[record: VMSlot(row)]?.scope else { return }
        body(&scope)
        scene.frame[record: VMSlot(row)]?.scope = scope
    }
}

extension Scene {
    /// Says that holding the VM in a row did not help the victim.
    mutating func acquit(_ row: Int) {
        guard let culprit = frame[record: VMSlot(row)]?.identity, let victim = frame[record: VMSlot(0)]?.identity else {
            return
        }
        acquittals.append(Acquittal(culprit: culprit, victim: victim))
    }
}
