import ArgumentParser
import Foundation
import QuellRuntime
import Reporting
import Systemd

/// Completes the names of VMs by asking the daemon.
enum VMCompletion {
    /// The names of all VMs, for shells.
    static let kind = CompletionKind.custom { words, _, _ in names(words) }

    /// Names that a shell takes as they are; of a daemon that does not answer at once, none.
    private static func names(_ words: [String]) -> [String] {
        var location = DaemonConfiguration()
        if let option = words.firstIndex(of: "--run-dir"), words.indices.contains(option + 1) {
            location.runDirectory = words[option + 1]
        }
        let client = ControlClient(path: location.socketPath)
        guard
            let answer = try? client.ask(ControlRequest(.top), withinSeconds: 1),
            let report = try? JSONDecoder().decode(TopReport.self, from: answer)
        else { return [] }
        return report.vms.map(\.name).filter { PlainText.name($0) == $0 }
    }
}
