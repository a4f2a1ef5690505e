import ArgumentParser
import Foundation
import QuellRuntime
import Reporting
import Signals

/// `quell hold`.
struct HoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Hold a VM back by hand, for a while.",
        discussion: """
            It acts in dry run too, and is undone like any other hold: by quell release, at its end, or when the daemon \
            stops. A share of the disk or the network is a share of what the VM uses now. VMs that the policy protects are \
            not held, nor any while a job such as a migration is under way.
            """
    )

    @Argument(help: "The VM, by name or UUID.", completion: VMCompletion.kind)
    var vm: String

    @Option(help: "How far: \(HoldStep.acceptedByHand).")
    var step: String

    @Option(help: "What over: \(Contention.allCases.map(\.rawValue).joined(separator: ", ")).")
    var over: String?

    @Option(name: .customLong("for"), help: "How long, such as 30s or 10m; 5m where it is left out, 1h at most.")
    var term: Span?

    @Option(help: "Why, for the journal and for whoever finds the VM held.")
    var reason: String?

    @OptionGroup var daemon: DaemonLocation

    func validate() throws {
        guard HoldStep(byHand: step) != nil else {
            throw ValidationError("--step is '\(step)'; accepted: \(HoldStep.acceptedByHand).")
        }
        guard over.map({ Contention(rawValue: $0) != nil }) ?? true else {
            let names = Contention.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--over is '\(over ?? "")'; accepted: \(names).")
        }
        guard (1...3_600).contains(term?.seconds ?? 300) else {
            throw ValidationError("--for is beyond what is accepted: 1s to 1h.")
        }
    }

    func run() throws {
        var request = ControlRequest(.hold, vm: vm)
        request.step = step
        request.over = over
        request.seconds = term?.seconds
        request.reason = reason
        try Answer.show(HoldReport.self, of: request, from: daemon) { $0.description }
    }
}
