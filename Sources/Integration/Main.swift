import Foundation
import Glibc

/// Scenarios on a real libvirtd with real guests: `make integration` runs them, as root.
@main struct Main {
    static func main() {
        var report = Report()
        do throws(BedError) {
            try Namespace.enter()
            Interrupt.arm()
            let bed = try Bed()
            do throws(BedError) {
                try bed.start()
                try Measure.run(on: bed)
            } catch {
                report.broke(error)
            }
            for line in bed.stop() { report.check(false, "left behind: \(line)") }
        } catch {
            report.broke(error)
        }
        say("\(report.passed) passed, \(report.failed) failed")
        exit(report.failed == 0 ? 0 : 1)
    }
}
