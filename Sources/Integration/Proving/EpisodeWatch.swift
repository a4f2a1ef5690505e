import Foundation
import Proving
import QuellRuntime
import Reporting
import Signals

/// Follows one episode: what the kernel has in force, what the journal says and how the victims fare.
struct EpisodeWatch {
    /// What became of it.
    struct Result {
        /// The episode.
        var episode: Episode
        /// Which repetition it is.
        var round: Int
        /// What truly went on.
        var truth: Truth
        /// Seconds until anything was told of anybody.
        var verdict: Double?
        /// Seconds until a guilty guest was named.
        var named: Double?
        /// Guests that were named as culprits and are none.
        var wronglyNamed: [String] = []
        /// Everybody that was held, or would have been, as the journal says.
        var decisions: [Decision] = []
        /// Seconds until the kernel had a limit of a guilty guest in force.
        var held: Double?
        /// Guests whose limits changed in the kernel although they are not guilty.
        var wronglyHeld: [String] = []
        /// Seconds until the victims waited for a CPU no longer than the rule allows.
        var relief: Double?
        /// Seconds from the end of the noise until everybody had what they had before.
        var letGo: Double?

        /// Everybody who was held and is not guilty, by the journal or by the kernel.
        var innocents: [String] {
            Set(decisions.map(\.vm).filter { !truth.guilty.contains($0) } + wronglyHeld).sorted()
        }

        /// Whether it was answered as it must be.
        var isRight: Bool {
            guard innocents.isEmpty else { return false }
            switch truth.answer {
            case .hold: return !decisions.isEmpty
            case .tell: return named != nil
            case .nothing: return true
            }
        }
    }

    /// Seconds that a victim may wait a second for all its vCPUs together, by the rule of the site.
    static let bearable = 0.12

    private let cast: Cast
    private let start: Moment
    private var watch: QuotaWatch
    private var last: (age: Double, delays: [Double])
    private(set) var result: Result

    /// Begins to watch.
    ///
    /// - Parameters:
    ///   - episode: The episode, which begins now.
    ///   - round: Which repetition it is.
    ///   - cast: The guests.
    init(_ episode: Episode, round: Int, cast: Cast) {
        self.cast = cast
        watch = QuotaWatch(cast.guests)
        start = .now
        last = (0, cast.victims.map { $0.usage.delay })
        let now = HostClock.now().seconds
        let truth = Truth(
            name: episode.rawValue,
            round: round,
            answer: episode.answer,
            begin: now,
            end: now,
            guilty: episode.guilty(of: cast).map(\.uuid)
        )
        result = Result(episode: episode, round: round, truth: truth)
    }

    /// Seconds since it began.
    var age: Double { start.age }

    /// Looks at the kernel's files.
    mutating func look() {
        watch.look()
        for guest in cast.guests {
            guard let change = watch.change(of: guest) else { continue }
            if result.truth.guilty.contains(guest.uuid) {
                result.held = min(result.held ?? change, change)
            } else if !result.wronglyHeld.contains(guest.name) {
                result.wronglyHeld.append(guest.name)
            }
        }
        let age = start.age
        guard age - last.age >= 1 else { return }
        let delays = cast.victims.map { $0.usage.delay }
        let worst = zip(delays, last.delays).map { ($0 - $1) / (age - last.age) }.max() ?? 0
        if result.held != nil, result.relief == nil, worst < Self.bearable { result.relief = age }
        last = (age, delays)
    }

    /// Looks at the journal.
    ///
    /// - Throws: ``BedError`` if it cannot be read.
    mutating func read() throws(BedError) {
        let records = try cast.bed.journal.records(since: start)
        result.wronglyNamed = []
        result.decisions = []
        for record in records {
            guard let id = MessageID(rawValue: record["MESSAGE_ID"]) else { continue }
            let second = record.time - start.wall
            switch id {
            case .victimOnset, .suspectOnset:
                result.verdict = result.verdict ?? second
                if id == .suspectOnset, result.truth.guilty.contains(record["QUELL_VM_UUID"]) {
                    result.named = result.named ?? second
                }
            case .culpritNamed:
                let culprit = record["QUELL_CULPRIT"]
                if result.truth.guilty.contains(culprit) {
                    result.named = result.named ?? second
                } else if !result.wronglyNamed.contains(culprit) {
                    result.wronglyNamed.append(culprit)
                }
            case .throttleApplied, .wouldThrottle:
                result.decisions.append(Decision(vm: record["QUELL_VM_UUID"], second: result.truth.begin + second))
            default: break
            }
        }
    }

    /// Notes that the noise is over.
    mutating func finish() { result.truth.end = HostClock.now().seconds }

    /// Notes how long it took until everybody had what they had before.
    ///
    /// - Parameter seconds: Seconds since the end of the noise.
    mutating func letGo(after seconds: Double) { result.letGo = seconds }

    /// Whether everybody has what they had at first, as far as the CPU goes.
    ///
    /// - Parameter episode: The episode, which may have set a quota of its own that is gone by now.
    /// - Returns: Whether they do.
    func isAsAtFirst(orFreed episode: Episode) -> Bool {
        episode == .ownQuota || cast.guests.allSatisfy { watch.isAsAtFirst($0) }
    }
}
