import Signals
import Testing

@testable import Proving

@Suite("Rules of other systems, as baselines")
struct PeerRuleTests {
    /// A victim in row 0 that uses 0.4 cores and waits a little, a culprit in row 1, and a bystander in row 2.
    private static func write(_ frame: inout Frame, wait: Double, culprit: Double, jitter: Int) {
        let small = Double(jitter % 5) * 0.002
        frame[VMSlot(0), .cpuUsage] = Reading(0.4)
        frame[VMSlot(0), .cpuRunDelay] = Reading(wait + small)
        frame[VMSlot(0), .cpuPressureSome] = Reading(min(1, wait + small))
        frame[VMSlot(0), .cpuThrottled] = Reading(0)
        frame[VMSlot(1), .cpuUsage] = Reading(culprit)
        frame[VMSlot(2), .cpuUsage] = Reading(0.1)
    }

    private static func calm(_ frame: inout Frame, _ second: Int) {
        write(&frame, wait: 0.01, culprit: 0.05, jitter: second)
    }

    private static func noisy(_ frame: inout Frame, _ second: Int) {
        write(&frame, wait: 0.4, culprit: 1.6, jitter: second)
    }

    // MARK: CPI²

    @Test("CPI² at one look a second blames who correlates, at the third outlier")
    func correlated() {
        var host = PeerHost(vms: 3)
        var rule = CorrelatedOutliers(sampling: .everyFrame)
        #expect(host.play(0..<60, &rule, Self.calm).isEmpty)
        let decisions = host.play(60..<80, &rule, Self.noisy)
        #expect(decisions.first?.second == 62)
        #expect(decisions.allSatisfy { $0.rows == [1] })
    }

    @Test("CPI² as published takes three minutes of noise")
    func minutes() {
        var host = PeerHost(vms: 3)
        var rule = CorrelatedOutliers(sampling: .everyMinute)
        #expect(host.play(0..<60, &rule, Self.calm).isEmpty)
        let decisions = host.play(60..<300, &rule, Self.noisy)
        #expect(decisions.first?.second == 239)
        #expect(decisions.first?.rows == [1])
    }

    @Test("CPI² blames nobody where nobody's use goes with the suffering")
    func uncorrelated() {
        var host = PeerHost(vms: 3)
        var rule = CorrelatedOutliers(sampling: .everyFrame)
        let decisions = host.play(0..<90, &rule) { frame, second in
            Self.write(&frame, wait: second >= 60 ? 0.4 : 0.01, culprit: 0, jitter: second)
            frame[VMSlot(2), .cpuUsage] = Reading(second < 60 ? 1.5 : 0.01)
        }
        #expect(decisions.isEmpty)
    }

    @Test("CPI² does not judge a VM that uses less than a quarter of a core", arguments: [(0.24, 0), (0.25, 1)])
    func leastUse(_ use: Double, _ blames: Int) {
        var host = PeerHost(vms: 3)
        var rule = CorrelatedOutliers(sampling: .everyFrame)
        let decisions = host.play(0..<70, &rule) { frame, second in
            if second < 60 { Self.calm(&frame, second) } else { Self.noisy(&frame, second) }
            frame[VMSlot(0), .cpuUsage] = Reading(use)
        }
        #expect(min(1, decisions.count) == blames)
    }

    @Test("CPI² says nothing of a VM whose waiting is not known")
    func correlatedMissing() {
        var host = PeerHost(vms: 3)
        var rule = CorrelatedOutliers(sampling: .everyFrame)
        let decisions = host.play(0..<90, &rule) { frame, second in
            if second < 60 { Self.calm(&frame, second) } else { Self.noisy(&frame, second) }
            frame[VMSlot(0), .cpuRunDelay] = .missing
        }
        #expect(decisions.isEmpty)
    }

    // MARK: kguardian

    @Test("kguardian blames the greatest share while the average is high")
    func stalled() {
        var host = PeerHost(vms: 3)
        var rule = StalledVictim()
        #expect(host.play(0..<30, &rule, Self.calm).isEmpty)
        let decisions = host.play(30..<60, &rule, Self.noisy)
        #expect(decisions.first?.rows == [1])
        // A step to 0.4 takes the ten-second average to 0.2 within seven seconds; it looks every fifth.
        #expect((35...45).contains(decisions.first?.second ?? 0))
    }

    @Test("kguardian blames nobody where no neighbour has two fifths of what the others use")
    func nobodyGreat() {
        var host = PeerHost(vms: 5)
        var rule = StalledVictim()
        let decisions = host.play(0..<60, &rule) { frame, second in
            Self.noisy(&frame, second)
            for row in 1..<5 { frame[VMSlot(row), .cpuUsage] = Reading(0.4) }
        }
        #expect(decisions.isEmpty)
    }

    @Test("kguardian spares neighbours of a VM that its own quota holds", arguments: [(0.0999, true), (0.1, false)])
    func ownQuota(_ throttled: Double, _ blames: Bool) {
        var host = PeerHost(vms: 3)
        var rule = StalledVictim()
        let decisions = host.play(0..<60, &rule) { frame, second in
            Self.noisy(&frame, second)
            frame[VMSlot(0), .cpuThrottled] = Reading(throttled)
        }
        #expect(decisions.isEmpty != blames)
    }

    @Test("kguardian says nothing without pressure")
    func stalledMissing() {
        var host = PeerHost(vms: 3)
        var rule = StalledVictim()
        let decisions = host.play(0..<60, &rule) { frame, second in
            Self.noisy(&frame, second)
            frame[VMSlot(0), .cpuPressureSome] = .notObservable
        }
        #expect(decisions.isEmpty)
    }

    // MARK: Skylark

    @Test("Skylark limits the busiest VM of a full host, and of no other", arguments: [(1.46, true), (1.45, false)])
    func busiest(_ use: Double, _ holds: Bool) {
        var host = PeerHost(vms: 3)
        var rule = BusiestVM()
        let decisions = host.play(0..<1, &rule) { frame, second in
            Self.write(&frame, wait: 0, culprit: use, jitter: second)
        }
        #expect(decisions.map(\.rows) == (holds ? [[1]] : []))
    }

    @Test("Skylark does nothing where uses are not known")
    func busiestMissing() {
        var host = PeerHost(vms: 3)
        var rule = BusiestVM()
        #expect(host.play(0..<5, &rule) { _, _ in }.isEmpty)
    }

    // MARK: oomd

    @Test("oomd blames the largest after half a minute under pressure", arguments: [(29, false), (32, true)])
    func pressure(_ seconds: Int, _ blames: Bool) {
        var host = PeerHost(vms: 3)
        var rule = PressureAbove(.memory)
        // The average is above 60 per cent from the tenth second on.
        let decisions = host.play(0..<10 + seconds, &rule) { frame, _ in
            frame[VMSlot(0), .memPressureFull] = Reading(1)
            frame[VMSlot(1), .memRSS] = Reading(2e9, .stale)
            frame[VMSlot(2), .memRSS] = Reading(1e9)
        }
        #expect(decisions.isEmpty != blames)
        #expect(decisions.allSatisfy { $0.rows == [1] })
    }

    @Test("oomd does nothing at 60 per cent, or where pressure is not known", arguments: [Reading(0.6), .missing])
    func pressureBound(_ reading: Reading) {
        var host = PeerHost(vms: 3)
        for resource in [PressureAbove.Resource.memory, .storage, .cpu] {
            var rule = PressureAbove(resource)
            let decisions = host.play(0..<200, &rule) { frame, _ in
                for signal in [Signal.memPressureFull, .ioPressureFull, .cpuPressureSome] {
                    frame[VMSlot(0), signal] = reading
                }
            }
            #expect(decisions.isEmpty)
        }
    }
}
