import Foundation

/// What can be run, by the name that the command line takes.
enum Scenario: String, CaseIterable {
    case noisy, kill9, crash, quiet, faults, faultmatrix, reload, knobs, audit, turnover, metrics, docs, churn, matrix,
        `repeat`

    /// Those that run where none is named: all but the matrix, whose noise is not yet answered every time.
    static let usual = allCases.filter { $0 != .matrix }

    /// What it shows.
    var summary: String {
        switch self {
        case .noisy: "a guest turns noisy: it alone is blamed and held, and let go once it is quiet"
        case .kill9: "the daemon is killed while it holds a guest: the guest gets back what it had"
        case .quiet: "a busy guest that hurts nobody is left alone"
        case .faults: "a guest's monitor hangs and libvirtd dies: the daemon goes on"
        case .repeat: "how long it takes from noise to throttle, many times over"
        case .crash: "the daemon is killed at twenty random moments: no lease, no value of its own is left behind"
        case .faultmatrix: "libvirtd, disk and journal fail and guests are hostile while one is held: nothing is lost"
        case .knobs: "every knob of a guest: in force, of effect, given back, and a person's change left alone"
        case .churn: "300 guests come and go while the daemon acts: it keeps nothing of them"
        case .docs: "every command that the documentation shows, run as it stands there"
        case .matrix: "noise, misbehaviour and innocent work, each with a known truth: who is held, told and left alone"
        case .reload: "malformed policies offered to the running daemon change nothing, and files that change are read"
        case .audit: "every finding of `quell audit` that this host can have comes, and goes by its remedy"
        case .turnover: "what a guest leaves is found, removed by its remedies, wiped on request and signed off"
        case .metrics: "a real Prometheus scrapes the daemon, its alerts reach a real Alertmanager, its dashboard shows"
        }
    }

    /// Runs it.
    ///
    /// - Parameters:
    ///   - scene: The guests, all at rest.
    ///   - rounds: How often ``repeat`` repeats.
    ///   - report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func run(on scene: Scene, rounds: Int, report: inout Report) throws(BedError) {
        say("\(rawValue): \(summary)")
        switch self {
        case .noisy: try scene.noisyNeighbour(&report)
        case .kill9: try scene.killedDaemon(&report)
        case .quiet: try scene.quietHost(&report)
        case .faults: try scene.faultyHost(&report)
        case .repeat: try scene.manyOutbreaks(rounds, &report)
        case .crash: try scene.manyCrashes(&report)
        case .faultmatrix: try scene.faultMatrix(&report)
        case .knobs: try scene.everyKnob(&report)
        case .churn: try SoakRun(.short, on: scene.bed).run(&report)
        case .docs: try scene.documentation(&report)
        case .audit: try scene.auditedHost(&report)
        case .turnover: try scene.turnedOver(&report)
        case .metrics: try scene.metrics(&report)
        case .matrix: try scene.briefMatrix(&report)
        case .reload: try scene.malformedPolicies(&report)
        }
    }
}
