import Foundation
import Proving
import Signals

/// Plays episodes one after the other beside a daemon, each with a known truth, in an order that a seed gives.
struct MatrixRun {
    /// What is to be done.
    struct Plan {
        /// The episodes of each round.
        var episodes: [Episode]
        /// How often all of them are played.
        var rounds: Int
        /// Whether the daemon acts.
        ///
        /// Where it only says what it would do noise goes on unheld, so that slower rules than Quell's see as much of it
        /// as they need.
        var acts: Bool
        /// Where trace, truth and policy are kept; nowhere where `nil`.
        var place: String?
    }

    /// Seconds for which noise goes on where nobody acts.
    static let unheld = 45.0

    private let plan: Plan
    private let cast: Cast
    private var random: SplitMix64
    private(set) var results: [EpisodeWatch.Result] = []

    /// Plays a plan and holds what came of it against the truth.
    ///
    /// - Parameters:
    ///   - plan: What is to be done.
    ///   - scene: The guests, all at rest.
    ///   - report: Takes the verdicts.
    /// - Returns: What came of each episode.
    /// - Throws: ``BedError`` if it breaks off.
    @discardableResult
    static func play(
        _ plan: Plan,
        on scene: Scene,
        _ report: inout Report
    ) throws(BedError) -> [EpisodeWatch.Result] {
        var run = MatrixRun(plan: plan, cast: try Cast(scene, acts: plan.acts), random: SplitMix64(seed: 7))
        let recorder = try run.record()
        try Wait.seconds(Scene.warmUp)
        for round in 1...plan.rounds {
            var episodes = plan.episodes
            for index in episodes.indices.dropLast() {
                episodes.swapAt(index, Int.random(in: index..<episodes.count, using: &run.random))
            }
            for episode in episodes {
                try run.play(episode, round: round)
                guard let result = run.results.last else { continue }
                say(MatrixTexts.line(result))
                report.check(result.isRight, "\(episode.rawValue), round \(round): \(MatrixTexts.verdict(result))")
            }
        }
        recorder?.signal(SIGINT)
        recorder?.waitForEnd(20)
        try run.keep()
        let status = try run.cast.leave()
        report.check(status == 0, "the daemon ends with \(status) at SIGTERM")
        return run.results
    }

    /// Plays one episode to its end, until everybody has what they had before.
    private mutating func play(_ episode: Episode, round: Int) throws(BedError) {
        // Noise must not fall into step with the daemon's tick.
        try Wait.seconds(5 + Double.random(in: 0..<1, using: &random))
        try episode.prepare(cast)
        var watch = EpisodeWatch(episode, round: round, cast: cast)
        var steps = episode.steps(cast)[...]
        var read = 0.0
        while true {
            while let step = steps.first, watch.age >= step.second {
                steps.removeFirst()
                try step.act()
                watch.look()
            }
            watch.look()
            if watch.age - read >= 2 {
                try watch.read()
                read = watch.age
            }
            if steps.isEmpty, isOver(watch) { break }
            try Wait.seconds(0.02)
        }
        watch.finish()
        let end = Moment.now
        try episode.end(cast)
        let daemon = cast.daemon
        let isFree = try cast.scene.seen(within: Scene.releasePatience) { () throws(BedError) in
            guard watch.isAsAtFirst(orFreed: episode) else { return false }
            return try daemon.leases() == 0
        }
        if isFree { watch.letGo(after: end.age) }
        try watch.read()
        results.append(watch.result)
    }

    private func isOver(_ watch: EpisodeWatch) -> Bool {
        let result = watch.result
        let limit = result.episode.seconds
        switch result.truth.answer {
        case .nothing: return watch.age >= limit
        case .tell: return result.named.map { watch.age >= $0 + 2 } ?? (watch.age >= limit)
        case .hold:
            guard plan.acts else { return watch.age >= Self.unheld }
            if result.episode == .alternating { return watch.age >= limit }
            // Some seconds more, to see whether anybody else is held too.
            guard let held = result.held else { return watch.age >= limit }
            return watch.age >= held + (result.relief == nil ? 10 : 5)
        }
    }

    /// Has every frame recorded.
    private func record() throws(BedError) -> Child? {
        guard let place = plan.place else { return nil }
        try Files.makeDirectory(place)
        let command = ["record", "--out", place + "/matrix.trace", "--force", "--run-dir", cast.daemon.runDirectory]
        return try cast.bed.launch([cast.daemon.binaries + "/quell"] + command, log: "record")
    }

    /// Keeps the truth and the policy beside the trace.
    private func keep() throws(BedError) {
        guard let place = plan.place else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        guard let truth = try? encoder.encode(results.map(\.truth)) else { throw .missing("no truth to keep") }
        try Files.write(String(decoding: truth, as: UTF8.self) + "\n", to: place + "/truth.json")
        for (index, file) in cast.daemon.policy.enumerated() {
            guard let text = Files.text(file) else { throw .missing("no \(file)") }
            try Files.write(text, to: place + "/\(index)-policy.yaml")
        }
    }
}
