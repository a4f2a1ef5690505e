import Libvirt
import Sampling
import Signals
import Testing

/// A schedule that a test plays second by second.
private final class Play {
    var schedule: SlowSchedule
    private(set) var asked: [VMIdentity: [Double]] = [:]
    private(set) var cost = 0.0
    private(set) var perSecond: [Int] = []

    init(_ limits: SlowSchedule.Limits = .init()) { schedule = SlowSchedule(limits: limits) }

    static func vm(_ number: Int) -> VMIdentity {
        var random = SplitMix64(seed: UInt64(number))
        return VMIdentity(uuid: VMUUID(high: 1, low: random.next()), generation: UInt64(number))
    }

    func watch(_ count: Int, _ needs: SlowNeeds = SlowNeeds(), at seconds: Double = 0) {
        let vms = (0..<count).map { (Self.vm($0), needs) }
        schedule.watch(Dictionary(uniqueKeysWithValues: vms), at: MonotonicTime(seconds: 1_000 + seconds))
    }

    func due(_ seconds: Double, _ suspicions: [VMIdentity: StatsGroups] = [:]) -> [SlowQuestion] {
        schedule.due(at: MonotonicTime(seconds: 1_000 + seconds), suspicions: suspicions)
    }

    /// Plays some seconds in which everybody answers at once.
    func run(_ seconds: Range<Int>, suspicions: [VMIdentity: StatsGroups] = [:]) {
        for second in seconds {
            let questions = due(Double(second), suspicions)
            perSecond.append(questions.count)
            for question in questions {
                asked[question.vm, default: []].append(Double(second))
                if question.groups.contains(.balloon) { cost += 1.28e-3 }
                if question.groups.contains(.block) { cost += 1.71e-3 }
                if question.groups.contains(.vcpu) { cost += 0.98e-3 }
                cost += 0.09e-3
                schedule.answered(question.vm)
            }
        }
    }

    /// The shortest and the longest time between two questions about one VM.
    var gaps: (Double, Double) {
        let gaps = asked.values.flatMap { times in zip(times.dropFirst(), times).map { $0 - $1 } }
        return (gaps.min() ?? 0, gaps.max() ?? 0)
    }
}

@Suite("Who is asked through libvirt, and when")
struct SlowScheduleTests {
    private let full = SlowNeeds(hasDisks: true, hasBalloonStats: true, usesKVM: true, memory: 4 << 30)

    // Rule 1: at most once a round each.

    @Test("Round: each VM is asked in every round, and not more often")
    func round() {
        let play = Play()
        play.watch(50)
        play.run(0..<300)
        #expect(play.asked.count == 50)
        #expect(play.gaps.0 >= 30 && play.gaps.1 <= 31)
    }

    @Test("Round: the VMs are spread over it")
    func staggered() {
        let play = Play()
        play.watch(90)
        play.run(0..<31)
        #expect(play.perSecond.max() ?? 0 <= 12)
        #expect(play.perSecond.reduce(0, +) == 90)
    }

    @Test("Round: at its very end, not a nanosecond before")
    func roundBoundary() throws {
        let play = Play()
        play.watch(1)
        #expect(play.due(30).count == 1)
        play.schedule.answered(Play.vm(0))
        let early = play.schedule.due(at: MonotonicTime(nanoseconds: 1_059_999_999_999))
        #expect(early.isEmpty)
        #expect(play.due(60).count == 1)
    }

    @Test("Round: a VM that is gone, or whose question is on its way, is not asked")
    func notAsked() {
        let play = Play()
        play.watch(2)
        #expect(play.due(30).count == 2)
        #expect(play.due(90).isEmpty)
        play.schedule.abandoned(Play.vm(0))
        play.schedule.answered(Play.vm(1))
        play.watch(1, at: 91)
        #expect(play.due(91).map(\.vm) == [Play.vm(0)])
    }

    // Rule 2: never beyond the budget; the round is stretched, evenly.

    @Test("Budget: a thousand VMs cost no more than their share, and none waits longer than the others")
    func thousand() {
        let play = Play()
        play.watch(1_000, SlowNeeds(hasDisks: true, hasBalloonStats: true))
        play.run(0..<1_500)
        #expect(play.cost <= 0.008 * 1_500 + 0.1)
        #expect(play.cost > 0.007 * 1_500)
        #expect(abs(play.schedule.interval - 387.5) < 1)
        #expect(play.gaps.0 >= 387 && play.gaps.1 <= 400)
    }

    @Test("Budget: where the round is long enough it stays as it is")
    func enough() {
        let play = Play()
        play.watch(70, SlowNeeds(hasDisks: true, hasBalloonStats: true))
        #expect(play.schedule.interval == 30)
    }

    @Test("Budget: at the number of VMs that just fit, the round begins to stretch")
    func budgetBoundary() {
        var limits = SlowSchedule.Limits()
        // One VM with a disk costs 1.82 ms: ten of them fit into 30 s of this.
        limits.share = 1.82e-3 * 10 / 30
        limits.reserve = 0
        let play = Play(limits)
        play.watch(10)
        #expect(abs(play.schedule.interval - 30) < 1e-6)
        play.watch(11)
        #expect(play.schedule.interval > 32.9)
    }

    @Test("Budget: without one nobody is asked, on suspicion neither")
    func none() {
        var limits = SlowSchedule.Limits()
        limits.share = 0
        let play = Play(limits)
        play.watch(3)
        play.run(0..<100, suspicions: [Play.vm(1): .block])
        #expect(play.asked.isEmpty)
        #expect(play.schedule.interval == .infinity)
    }

    @Test("Budget: a clock that jumps does not fill it beyond its bound, and one that goes back not at all")
    func clock() {
        let play = Play()
        play.watch(1_000, full)
        play.run(0..<60)
        let before = play.cost
        play.run(100_000..<100_001)
        #expect(play.cost - before <= 0.08 + 0.005)
        #expect(play.due(5).isEmpty)
    }

    // Rule 3: the groups are those that the VM has.

    @Test("Groups: disks and balloon where they are there, vCPUs once in five minutes")
    func groups() {
        let play = Play()
        play.watch(1, full)
        var groups: [StatsGroups] = []
        for second in stride(from: 30.0, through: 360, by: 30) {
            for question in play.due(second) {
                groups.append(question.groups)
                play.schedule.answered(question.vm)
            }
        }
        #expect(groups.first == [.state, .block, .balloon, .vcpu])
        #expect(groups.map { $0.contains(.vcpu) } == [true] + Array(repeating: false, count: 9) + [true, false])
    }

    @Test("Groups: a VM with nothing to tell is still asked for what only QEMU knows")
    func bare() {
        let play = Play()
        play.watch(1, SlowNeeds(hasDisks: false))
        #expect(play.due(30).map(\.groups) == [[.state, .balloon]])
    }

    /// Plays rounds of one VM and tells what each asked for.
    private func rounds(
        _ needs: SlowNeeds,
        seconds: ClosedRange<Double>,
        answer: (Double, SlowQuestion, inout SlowSchedule) -> Void
    ) -> [SlowQuestion] {
        let play = Play()
        play.watch(1, needs)
        var questions: [SlowQuestion] = []
        for second in stride(from: seconds.lowerBound, through: seconds.upperBound, by: 30) {
            for question in play.due(second) {
                questions.append(question)
                play.schedule.answered(question.vm)
                answer(second, question, &play.schedule)
            }
        }
        return questions
    }

    @Test("Idle disks: asked for every two minutes, and in between only whether QEMU answers")
    func idleDisks() {
        let questions = rounds(SlowNeeds(), seconds: 30...330) { _, question, schedule in
            schedule.found(question.vm, requests: question.used.contains(.block) ? 7 : nil, hasBalloon: nil)
        }
        // The first two answers show that nothing moved; from then on every fourth round asks for the disks.
        let probe: StatsGroups = [.state, .dirtyRate]
        let disks: StatsGroups = [.state, .block]
        let expected = [disks, disks, probe, probe, probe, disks, probe, probe, probe, disks, probe]
        #expect(questions.map(\.groups) == expected)
        #expect(questions.map(\.isProbe) == expected.map { $0 == probe })
        #expect(questions.allSatisfy { !$0.beginsMeasurement && !$0.used.contains(.dirtyRate) })
    }

    @Test("Idle disks: a single request between two answers, or no answer, and they are asked for in every round")
    func busyDisks() {
        let busy = rounds(SlowNeeds(), seconds: 30...330) { second, question, schedule in
            schedule.found(question.vm, requests: UInt64(second), hasBalloon: nil)
        }
        #expect(busy.map(\.groups) == Array(repeating: [.state, .block], count: 11))
        let silent = rounds(SlowNeeds(), seconds: 30...330) { _, question, schedule in
            schedule.found(question.vm, requests: nil, hasBalloon: nil)
        }
        #expect(silent.map(\.groups) == Array(repeating: [.state, .block], count: 11))
    }

    @Test("Idle disks: on suspicion they are asked for at once")
    func idleDisksSuspected() {
        let play = Play()
        play.watch(1)
        for second in [30.0, 60] {
            for question in play.due(second) {
                play.schedule.answered(question.vm)
                play.schedule.found(question.vm, requests: 7, hasBalloon: nil)
            }
        }
        #expect(play.due(61, [Play.vm(0): .block]).map(\.groups) == [[.state, .block]])
    }

    @Test("Silent balloon: asked for every five minutes; one that tells something in every round")
    func silentBalloon() {
        let needs = SlowNeeds(hasDisks: true, hasBalloonStats: true)
        let silent = rounds(needs, seconds: 30...360) { _, question, schedule in
            let asked = question.used.contains(.balloon)
            schedule.found(question.vm, requests: nil, hasBalloon: asked ? false : nil)
        }
        let asks = silent.map { $0.groups.contains(.balloon) }
        #expect(asks == [true] + Array(repeating: false, count: 9) + [true, false])
        #expect(silent.allSatisfy { $0.groups.contains(.block) })
        let telling = rounds(needs, seconds: 30...360) { _, question, schedule in
            schedule.found(question.vm, requests: nil, hasBalloon: true)
        }
        #expect(telling.allSatisfy { $0.groups == [.state, .block, .balloon] })
    }

    @Test("Idle VM: one that cannot be probed, or that owes an answer, is asked for everything in every round")
    func notProbed() {
        let blind = rounds(SlowNeeds(), seconds: 30...330) { _, question, schedule in
            schedule.found(question.vm, requests: 7, hasBalloon: nil)
            schedule.cannotBeProbed(question.vm)
        }
        #expect(blind.allSatisfy { $0.groups == [.state, .block] })
        let owing = rounds(SlowNeeds(), seconds: 30...330) { _, question, schedule in
            schedule.found(question.vm, requests: 7, hasBalloon: nil)
            _ = schedule.unanswered(question.vm, since: MonotonicTime(seconds: 1_000))
        }
        #expect(owing.dropFirst().allSatisfy { $0.groups == [.state, .block] && $0.isAlone })
    }

    @Test("Budget: idle VMs cost no more than their share, and are asked more often for it", arguments: [300, 1_000])
    func idleBudget(count: Int) {
        let busy = Play()
        busy.watch(count)
        let idle = Play()
        idle.watch(count)
        var cost = 0.0
        for second in 0..<3_600 {
            for question in idle.due(Double(second)) {
                // The long run counts, not the first answers.
                if second >= 1_200 { cost += question.isProbe ? 0.76e-3 : 1.82e-3 }
                idle.schedule.answered(question.vm)
                idle.schedule.found(question.vm, requests: question.used.contains(.block) ? 7 : nil, hasBalloon: nil)
            }
        }
        #expect(cost / 2_400 <= 0.008 * 1.05)
        #expect(cost / 2_400 >= 0.008 * 0.8)
        // Where the budget stretches the round beyond two minutes, idle disks are part of every round again.
        #expect(count == 300 ? idle.schedule.interval < 50 : abs(idle.schedule.interval - 227.5) < 1)
        #expect(busy.schedule.interval > (count == 300 ? 60 : 227))
    }

    // Rule 4: on suspicion a VM is asked at once, at most every five seconds, from the reserve.

    @Test("Suspicion: asked at once, for the groups that help and that it has")
    func suspicion() {
        let play = Play()
        play.watch(2)
        #expect(play.due(0).isEmpty)
        let questions = play.due(0.1, [Play.vm(0): [.block, .balloon, .vcpu]])
        #expect(questions == [SlowQuestion(vm: Play.vm(0), groups: [.state, .block])])
    }

    @Test("Suspicion: not for what it does not have, and not for a VM that is not watched")
    func suspicionOfNothing() {
        let play = Play()
        play.watch(1)
        #expect(play.due(0, [Play.vm(0): .vcpu, Play.vm(7): .block]).isEmpty)
    }

    @Test("Suspicion: again after five seconds, not before, and its round stays")
    func suspicionAgain() {
        let play = Play()
        play.watch(1)
        let suspicions = [Play.vm(0): StatsGroups.block]
        var times: [Double] = []
        for second in 0..<60 {
            for question in play.due(Double(second), suspicions) {
                times.append(Double(second))
                play.schedule.answered(question.vm)
            }
        }
        #expect(times.filter { $0.truncatingRemainder(dividingBy: 5) == 0 }.count >= 12)
        #expect(times.count == 13 || times.count == 14)
    }

    @Test("Suspicion: of many at once the reserve lets through what it holds, in turns")
    func suspicionOfMany() {
        let play = Play()
        play.watch(1_000)
        // Nothing of the round comes in between.
        let suspicions = Dictionary(uniqueKeysWithValues: (0..<1_000).map { (Play.vm($0), StatsGroups.block) })
        var count: [VMIdentity: Int] = [:]
        for second in stride(from: 0.0, to: 0.9, by: 0.001) {
            for question in play.due(second, suspicions) where !question.isAlone {
                count[question.vm, default: 0] += 1
                play.schedule.answered(question.vm)
            }
        }
        // 120 ms of reserve at 1.82 ms each, besides what the round takes from its own part.
        #expect(count.count >= 66 && count.count <= 66 + 50)
        #expect(count.values.allSatisfy { $0 <= 2 })
    }

    // Rule 5: the dirty rate is measured on suspicion alone.

    @Test("Dirty rate: begun, fetched when it is ready, and not begun again at once")
    func dirtyRate() {
        let play = Play()
        play.watch(1, full)
        let suspicions: [VMIdentity: StatsGroups] = [Play.vm(0): .dirtyRate]
        let first = play.due(0, suspicions)
        #expect(first.map(\.beginsMeasurement) == [true])
        #expect(first.map(\.stats) == [.state])
        play.schedule.measuring(Play.vm(0), since: MonotonicTime(seconds: 1_000))
        play.schedule.answered(Play.vm(0))
        #expect(play.due(1.9, suspicions).isEmpty)
        #expect(play.due(2, suspicions).map(\.isResult) == [true])
        play.schedule.answered(Play.vm(0))
        #expect(play.due(20, suspicions).allSatisfy { !$0.beginsMeasurement })
        #expect(play.due(29.9, suspicions).allSatisfy { !$0.beginsMeasurement })
        play.schedule.answered(Play.vm(0))
        #expect(play.due(35, suspicions).map(\.beginsMeasurement) == [true])
    }

    @Test("Dirty rate: not where QEMU cannot, and not while it does not answer")
    func noDirtyRate() {
        let play = Play()
        play.watch(2, full)
        play.schedule.measuring(Play.vm(0), since: nil)
        _ = play.schedule.unanswered(Play.vm(1), since: MonotonicTime(seconds: 999))
        #expect(play.due(0, [Play.vm(0): .dirtyRate, Play.vm(1): .dirtyRate]).isEmpty)
    }

    // Rule 6: a VM that owes an answer is asked alone.

    @Test("Silence: asked alone until it answers, and the first silence counts")
    func silence() {
        let play = Play()
        play.watch(1)
        let vm = Play.vm(0)
        #expect(play.due(30).map(\.isAlone) == [false])
        let first = MonotonicTime(seconds: 1_030)
        #expect(play.schedule.unanswered(vm, since: first) == first)
        #expect(play.due(60).map(\.isAlone) == [true])
        #expect(play.schedule.unanswered(vm, since: MonotonicTime(seconds: 1_060)) == first)
        #expect(play.schedule.owedSince(vm) == first)
        #expect(play.due(90).map(\.isAlone) == [true])
        play.schedule.answered(vm)
        #expect(play.schedule.owedSince(vm) == nil)
        #expect(play.due(120).map(\.isAlone) == [false])
    }

    @Test("Calls: the same groups go together up to the limit, a silent VM goes alone")
    func batches() {
        let vms = (0..<5).map { Play.vm($0) }
        var questions = vms.map { SlowQuestion(vm: $0, groups: .block) }
        questions[1].groups = .balloon
        questions[3].isAlone = true
        let grouped = SlowQuestion.batches(questions, of: 2).map { $0.map(\.vm) }
        #expect(grouped == [[vms[0], vms[2]], [vms[1]], [vms[3]], [vms[4]]])
        #expect(SlowQuestion.batches([], of: 2).isEmpty)
    }
}
