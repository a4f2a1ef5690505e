import Reporting
import Signals

/// Gathers the spans of one replay.
final class ReplaySpans {
    /// The spans that are over, by what they are of.
    private(set) var spans: [ReplaySubject: [ReplaySpan]] = [:]
    /// The names of the VMs by UUID.
    private(set) var names: [String: String] = [:]
    private var run = 0
    private var open: [ReplaySubject: ReplaySpan] = [:]

    /// Takes what a replay tells.
    ///
    /// - Parameters:
    ///   - news: What it tells.
    ///   - frame: The frame that it speaks of.
    ///   - second: Seconds since the first frame.
    func take(_ news: ReplayNews, frame: Frame, second: Double) {
        switch news {
        case .alert(let alert): take(alert, frame: frame, second: second)
        case .event(.wouldHold(let order)), .event(.granted(let order, _, _)), .event(.adjusted(let order, _, _)):
            let uuid = order.vm.uuid.description
            names[uuid] = order.name
            let subject = ReplaySubject(kind: .hold, vm: uuid, what: order.contention.rawValue, run: run)
            var span = open[subject] ?? ReplaySpan(from: second, rule: order.rule)
            span.steps.append(.init(second: second, step: order.step.description))
            open[subject] = span
        case .event(.wouldRelease(let key, _, let reason)), .event(.released(let key, _, _, let reason)):
            close(
                .init(kind: .hold, vm: key.vm.uuid.description, what: key.contention.rawValue, run: run),
                second,
                reason.rawValue
            )
        case .event(.handedOver(let key, _, _, _)):
            close(
                .init(kind: .hold, vm: key.vm.uuid.description, what: key.contention.rawValue, run: run),
                second,
                "handed over"
            )
        case .event(.failed): break
        case .restarted:
            for subject in open.keys { close(subject, second, nil) }
            run += 1
        }
    }

    /// Takes what is still open as it is.
    func finish() {
        for (subject, span) in open { spans[subject, default: []].append(span) }
        open = [:]
        for subject in spans.keys { spans[subject]?.sort { $0.from < $1.from } }
    }

    private func take(_ alert: Alert, frame: Frame, second: Double) {
        guard let rule = alert[.rule], let vm = alert[.vmUUID] else { return }
        let subject = ReplaySubject(kind: .alert, vm: vm, what: rule, run: run)
        // Only these are of a rule on a VM; all other kinds of record, and those to come, are of something else.
        if alert.id == .victimOnset || alert.id == .suspectOnset {
            begin(subject, alert, second)
        } else if alert.id == .victimCleared || alert.id == .suspectCleared {
            close(subject, second, nil)
        } else if alert.id == .culpritNamed {
            blame(alert[.culprit].map { name(of: $0, in: frame) } ?? "", subject, alert, second)
        } else if alert.id == .nobodyToBlame {
            blame("nobody", subject, alert, second)
        } else if alert.id == .selfInflicted {
            // Where this is all that was told, its end is not.
            let isAlone = open[subject] == nil
            blame("itself", subject, alert, second)
            if isAlone { close(subject, second, nil) }
        }
    }

    private func begin(_ subject: ReplaySubject, _ alert: Alert, _ second: Double) {
        names[subject.vm] = alert[.vm] ?? subject.vm
        close(subject, second, nil)
        open[subject] = ReplaySpan(from: second, rule: subject.what, severity: alert.severity.rawValue)
    }

    /// Notes whom an alert blames; one that was taken for a VM's own doing before had no onset.
    private func blame(_ name: String, _ subject: ReplaySubject, _ alert: Alert, _ second: Double) {
        if open[subject] == nil { begin(subject, alert, second) }
        open[subject]?.blamed.append(name)
    }

    private func close(_ subject: ReplaySubject, _ second: Double, _ reason: String?) {
        guard var span = open.removeValue(forKey: subject) else { return }
        (span.to, span.reason) = (second, reason)
        spans[subject, default: []].append(span)
    }

    private func name(of uuid: String, in frame: Frame) -> String {
        frame.records.lazy.compactMap(\.self).first { $0.identity.uuid.description == uuid }?.name ?? uuid
    }
}
