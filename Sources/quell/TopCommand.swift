public import ArgumentParser
import Foundation
import QuellRuntime
import Reporting
import Signals
import Terminal
public import Top

/// `quell top`.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch every VM live: what it uses and suffers, who is hurt, who is blamed, who is held.",
        discussion: """
            On a terminal it draws a picture that keys change; h shows them. Elsewhere, or with --count, it prints tables. \
            NO_COLOR turns colours off.
            """
    )

    @OptionGroup var daemon: DaemonLocation

    @Option(help: "Seconds between looks, 0.2 to 3600.")
    var interval = 1.0

    @Option(help: "Print so many tables and end; 1 where standard output is no terminal.")
    var count: Int?

    @Option(help: "The columns: \(TopPage.allCases.map(\.rawValue).joined(separator: ", ")).")
    var page = TopPage.overview

    @Option(
        help: "What the VMs are ordered by: trouble, name, tenant, or a signal such as cpu.run_delay.",
        completion: .list(["trouble", "name", "tenant"] + TopCommand.signals)
    )
    var sort = "trouble"

    @Option(help: "Show only VMs whose name, tenant, class or UUID contains this.")
    var filter = ""

    private static let signals = Signal.allCases.filter { $0.scope == .vm }.map(\.name)

    func validate() throws {
        guard (0.2...3_600).contains(interval) else {
            throw ValidationError("--interval is \(interval); 0.2 to 3600 seconds are accepted.")
        }
        guard count.map({ $0 > 0 }) ?? true else { throw ValidationError("--count is at least 1.") }
        _ = try order()
    }

    private func order() throws -> TopModel.Sort {
        switch sort {
        case "trouble": return .trouble
        case "name": return .name
        case "tenant": return .tenant
        default:
            guard let signal = Signal(name: sort), signal.scope == .vm else {
                throw ValidationError("--sort is '\(sort)'; trouble, name, tenant or a VM's signal is accepted.")
            }
            return .signal(signal)
        }
    }

    func run() throws {
        var model = TopModel()
        model.page = page
        model.sort = try order()
        model.filter = filter
        let kind = TerminalKind.now
        if kind.isTerminal && count == nil && !daemon.json {
            TopSession(daemon: asked, interval: interval, kind: kind).run(model)
        } else {
            try printTables(model, unicode: kind.hasUnicode)
        }
    }

    private func printTables(_ model: TopModel, unicode: Bool) throws {
        var model = model
        for round in 0..<(count ?? 1) {
            if round > 0 { Thread.sleep(forTimeInterval: interval) }
            let report = try asked.report(model.wanted).get()
            if daemon.json {
                try Answer.printJSON(report)
            } else {
                model.note(report)
                print(TopView(unicode: unicode).plain(model).joined(separator: "\n"))
            }
        }
    }

    private var asked: TopSession.Daemon {
        TopSession.Daemon(
            report: { [daemon] signals in
                var request = ControlRequest(.top)
                request.signals = signals.map(\.name)
                do {
                    return .success(try Answer.get(TopReport.self, of: request, from: daemon))
                } catch {
                    return .failure(TopSession.Problem("\(error)"))
                }
            },
            explain: { [daemon] uuid in
                do {
                    let request = ControlRequest(.explain, vm: uuid)
                    return try Answer.get(ExplainReport.self, of: request, from: daemon).description
                } catch {
                    return "\(error)"
                }
            }
        )
    }
}

extension TopPage: ExpressibleByArgument {}
