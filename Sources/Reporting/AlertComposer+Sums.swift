internal import Signals

extension AlertComposer {
    /// What a verdict compares: `cpu.run_delay 212 ms/s ≥ 60 ms/s for 2 s, usually 4.1 ms/s`.
    static func sum(_ verdict: Verdict, rule: Rule, now: MonotonicTime) -> String {
        let unit = verdict.signal.unit
        var text = "\(verdict.signal.name) \(unit.text(verdict.value))"
        if isBounded(rule) {
            text += " \(rule.below == nil ? "≥" : "≤") \(unit.text(verdict.threshold))"
        }
        text += " for " + duration(verdict, now: now)
        if let baseline = verdict.baseline { text += ", usually \(unit.text(baseline))" }
        if rule.detector == .level, rule.deviation != nil, let sigmas = verdict.sigmas, sigmas.isFinite {
            text += " (\(Unit.digits(sigmas)) deviations off)"
        }
        if let detail = verdict.detail { text += ", " + self.text(detail, verdict: verdict) }
        return text
    }

    /// The companions of a rule with what they read: `, with disk.write_ops 3 /s ≤ 20 /s`.
    static func company(_ verdict: Verdict, rule: Rule, frame: Frame) -> String {
        let parts = rule.companions.compactMap { companion -> String? in
            let isHosts = companion.signal.scope == .host
            guard isHosts || (verdict.slot.index >= 0 && verdict.slot.index < frame.capacity) else { return nil }
            let reading = isHosts ? frame[host: companion.signal] : frame[verdict.slot, companion.signal]
            let vcpus = isHosts ? 1 : Double(frame[record: verdict.slot]?.vcpus ?? 1)
            let unit = companion.signal.unit
            let bound = companion.perVCPU ? companion.bound * vcpus : companion.bound
            let known = reading.quality == .ok || reading.quality == .stale
            return "\(companion.signal.name) \(known ? unit.text(reading.value) + " " : "")"
                + "\(companion.isAbove ? "≥" : "≤") \(unit.text(bound))"
        }
        return parts.isEmpty ? "" : ", with " + parts.joined(separator: " and ")
    }

    /// Whether the threshold of a rule's verdict is a bound on the signal's own value.
    private static func isBounded(_ rule: Rule) -> Bool {
        switch rule.detector {
        case .level: true
        case .leak: false
        case .tail, .unusual, .shift, .boundary, .rhythm: rule.above != nil || rule.below != nil
        }
    }

    /// What a detector found.
    private static func text(_ detail: Verdict.Detail, verdict: Verdict) -> String {
        let unit = verdict.signal.unit
        switch detail {
        case .exhaustion(let seconds, let slope):
            let rate = (slope > 0 ? "+" : "") + unit.text(slope)
            return "on its way to \(unit.text(verdict.threshold)) in \(Unit.digits(seconds / 60)) min "
                + "(\(rate) a second)"
        case .shift(let sum): return "shifted (CUSUM \(Unit.digits(sum)) deviations)"
        case .unusual(let score): return "rarer than \(Unit.ratio.text(score)) of what was seen of it"
        case .boundary(let sigmas):
            return "its moving mean has left its usual range (\(Unit.digits(sigmas)) deviations off)"
        case .rhythm(let period, let usual):
            let now = period.map { "comes and goes every \(Unit.digits($0)) s" } ?? "no longer comes and goes"
            return now + "; " + (usual.map { "it was every \(Unit.digits($0)) s" } ?? "there was no such beat")
        case .joint(let signals): return "strangest: " + signals.map(\.name).joined(separator: ", ")
        }
    }
}
