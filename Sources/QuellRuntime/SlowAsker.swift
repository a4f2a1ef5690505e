import Libvirt
import Sampling
import Signals

/// Asks libvirt what the schedule wants to know, and makes readings of what it says or owes.
///
/// One call asks for several VMs. Where it ends without an answer each of them is asked alone, so that only the one that
/// hangs is marked. libvirt gives what it knows without QEMU of a VM that a job holds, also where that job is an earlier
/// call of ours that has not come back: such a VM owes its answer, and the others have theirs.
actor SlowAsker {
    /// Calls on their way at once, fewer than the connection has threads.
    static let callsAtOnce = 3

    private let source: any SlowSource
    /// The clock that the readings' times are of.
    private let now: @Sendable () -> MonotonicTime
    /// Seconds since 1970.
    private let wall: @Sendable () -> UInt64
    private(set) var schedule: SlowSchedule
    private var calls = 0

    /// An asker that watches no VM yet.
    init(
        _ source: any SlowSource,
        limits: SlowSchedule.Limits,
        now: @escaping @Sendable () -> MonotonicTime,
        wall: @escaping @Sendable () -> UInt64
    ) {
        self.source = source
        self.now = now
        self.wall = wall
        schedule = SlowSchedule(limits: limits)
    }

    /// Takes over which VMs there are.
    func watch(_ vms: [VMIdentity: SlowNeeds]) {
        schedule.watch(vms, at: now())
    }

    /// The calls that are due; each is to be made by ``ask(_:)``.
    func due(_ suspicions: [VMIdentity: StatsGroups]) -> [[SlowQuestion]] {
        guard calls < Self.callsAtOnce else { return [] }
        let batches = SlowQuestion.batches(
            schedule.due(at: now(), suspicions: suspicions),
            of: schedule.limits.batch
        )
        calls += batches.count
        return batches
    }

    /// Makes one call, or several where that one ends without an answer.
    ///
    /// - Parameter questions: The VMs, with the same groups.
    /// - Returns: What is known of them now.
    func ask(_ questions: [SlowQuestion]) async -> [SlowReadings] {
        defer { calls -= 1 }
        guard let first = questions.first else { return [] }
        if questions.count == 1 { return await askAlone(first, since: now()) }
        let start = now()
        do {
            let answers = try await source.stats(first.stats, of: questions.map(\.vm.uuid))
            let known = Dictionary(answers.map { ($0.uuid, $0) }, uniquingKeysWith: { $1 })
            let share = now().seconds(since: start) / Double(questions.count)
            return await took(questions, known, latency: share, since: start)
        } catch {
            guard error.code == .deadline || error.code == .timedOut else {
                for question in questions { schedule.abandoned(question.vm) }
                return []
            }
            var readings: [SlowReadings] = []
            for question in questions { readings += await askAlone(question, since: start) }
            return readings
        }
    }

    /// Asks about one VM; the silence, if there is one, began with the first call.
    private func askAlone(_ question: SlowQuestion, since start: MonotonicTime) async -> [SlowReadings] {
        let began = now()
        do {
            let answer = try await source.stats(question.stats, alone: question.vm.uuid)
            let latency = now().seconds(since: began)
            return await took([question], [answer.uuid: answer], latency: latency, since: start)
        } catch {
            switch error.code {
            case .deadline, .timedOut: return [await owes(question.vm, since: start)]
            case .noDomain, .operationInvalid, .denied, .unsupported, .invalidArgument, .agentBusy, .resourceBusy,
                .malformed, .disconnected, .busy, .circuitOpen, .cancelled, .other:
                // It was not asked, or it is gone: what is known of it stays.
                schedule.abandoned(question.vm)
                return []
            }
        }
    }

    /// Makes readings of the answers to one call.
    private func took(
        _ questions: [SlowQuestion],
        _ answers: [VMUUID: DomainStats],
        latency: Double,
        since start: MonotonicTime
    ) async -> [SlowReadings] {
        var readings: [SlowReadings] = []
        var answered: [SlowQuestion] = []
        let time = now()
        for question in questions {
            guard let answer = answers[question.vm.uuid] else {
                schedule.abandoned(question.vm)
                continue
            }
            let isOff = answer.state == .shutOff || answer.state == .crashed
            if !isOff, question.isProbe, answer.dirtyRate?.isMeasured == nil {
                // Its QEMU is silent, or too old for that question.
                let full = schedule.inFull(question)
                let answers = await askAlone(full, since: start)
                if answers.contains(where: { $0.latency != nil }) { schedule.cannotBeProbed(question.vm) }
                readings += answers
                continue
            }
            if !isOff, !answer.missed.isEmpty {
                readings.append(await owes(question.vm, since: start))
                continue
            }
            // Figures of vCPUs also come without QEMU, so they do not show that it is well again.
            let isProof =
                question.isProbe || !question.stats.isDisjoint(with: [.balloon, .block])
                || schedule.owedSince(question.vm) == nil
            if isOff || isProof { schedule.answered(question.vm) } else { schedule.abandoned(question.vm) }
            if isOff { continue }
            answered.append(question)
            schedule.found(
                question.vm,
                requests: question.used.contains(.block) ? answer.requests : nil,
                hasBalloon: question.used.contains(.balloon) ? answer.balloon?.usable != nil : nil
            )
            readings.append(
                DomainTranslator.readings(
                    answer,
                    of: question.vm,
                    asked: question.used,
                    at: time,
                    wall: wall(),
                    latency: isProof ? latency : nil
                )
            )
        }
        for question in answered where question.beginsMeasurement {
            if let failed = await measure(question.vm) { readings.append(failed) }
        }
        if let ages = try? await source.jobAges(of: answered.map(\.vm.uuid)) {
            for place in readings.indices where readings[place].owedSince == nil {
                readings[place].jobAge = ages[readings[place].identity.uuid]
            }
        }
        return readings
    }

    /// The reading of a VM that libvirt owes an answer about.
    private func owes(_ vm: VMIdentity, since start: MonotonicTime) async -> SlowReadings {
        let age = try? await source.control(of: vm.uuid).age
        let time = now()
        // What holds it may have held it for longer than we have asked.
        let since = min(start, age.map { time.advanced(bySeconds: -$0) } ?? start)
        var readings = SlowReadings(identity: vm, time: time)
        readings.owedSince = schedule.unanswered(vm, since: since)
        readings.jobAge = age
        return readings
    }

    /// Begins to measure the dirty rate of a VM; a reading where it cannot be measured.
    private func measure(_ vm: VMIdentity) async -> SlowReadings? {
        do {
            try await source.startDirtyRate(of: vm.uuid, seconds: SlowSchedule.dirtyRateSeconds)
            schedule.measuring(vm, since: now())
            return nil
        } catch {
            switch error.code {
            case .unsupported, .operationInvalid, .denied, .invalidArgument, .other:
                schedule.measuring(vm, since: nil)
                var readings = SlowReadings(identity: vm, time: now())
                readings.dirtyRate = .notObservable
                return readings
            case .noDomain, .timedOut, .agentBusy, .resourceBusy, .malformed, .disconnected, .deadline, .busy,
                .circuitOpen, .cancelled:
                return nil
            }
        }
    }
}
