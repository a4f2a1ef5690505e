import Foundation
import Glibc

/// Scenarios on a real libvirtd with real guests: `make integration` runs them, as root.
@main struct Main {
    static func main() {
        guard let options = Options(CommandLine.arguments.dropFirst()) else {
            say(Options.usage)
            exit(2)
        }
        var report = Report()
        do throws(BedError) {
            try Namespace.enter()
            Interrupt.arm()
            let bed = try Bed(isWeighted: options.isTimed)
            do throws(BedError) {
                try bed.start()
                try run(options, on: bed, &report)
            } catch {
                report.broke(error)
            }
            let left = bed.stop()
            report.check(left.isEmpty, "the host is as it was")
            for line in left { say("  \(line)") }
        } catch {
            report.broke(error)
        }
        say("\(report.passed) passed, \(report.failed) failed")
        exit(report.failed == 0 ? 0 : 1)
    }

    private static func run(_ options: Options, on bed: Bed, _ report: inout Report) throws(BedError) {
        switch options.action {
        case .peers: try CostRun.peers(on: bed, guests: options.guests ?? 100, &report)
        case .thousand: try CostRun.thousand(on: bed, guests: options.guests ?? 1_000, &report)
        case .soak:
            var size = SoakRun.Size.whole
            size.lives = options.lives ?? size.lives
            size.limit = options.minutes.map { Double($0) * 60 } ?? size.limit
            try SoakRun(size, on: bed).run(&report)
        case .scenarios(let scenarios):
            let scene = try Scene(on: bed)
            for scenario in scenarios {
                do throws(BedError) {
                    try scenario.run(on: scene, rounds: options.rounds, report: &report)
                } catch .interrupted {
                    throw .interrupted
                } catch {
                    // What one scenario left running must not spoil the next.
                    report.broke(error)
                    bed.endDaemonsUnderTest()
                    try bed.mend()
                    try bed.removeAll(but: scene.guests)
                    try scene.rest()
                }
            }
        case .proving(let acts):
            try Scene(on: bed).wholeMatrix(options.episodes, rounds: options.rounds, acts: acts, &report)
        case .measure:
            try Measure.run(on: Scene(on: bed))
        case .up:
            let scene = try Scene(on: bed)
            try scene.work()
            say("guests: \(scene.guests.map(\.name).joined(separator: ", ")); stop with an interrupt")
            say("from outside: virsh -c '\(bed.outsideURI)' list")
            say("from inside:  nsenter --mount --target \(getpid()) virsh list")
            do throws(BedError) {
                while true { try Wait.seconds(3_600) }
            } catch .interrupted {}
        }
    }
}
