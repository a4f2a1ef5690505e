import Signals

extension RuleKey {
    var grammar: KeyGrammar {
        switch self {
        case .name:
            KeyGrammar(.name, example: "cpu-starved", isRequired: true, "its name; later files change it by that")
        case .enabled: KeyGrammar(.yesNo, normally: "yes", example: "no", "'no' switches it off")
        case .summary: KeyGrammar(.text, example: "its vCPUs wait to run", "what it means, for whoever reads the alert")
        case .signal:
            KeyGrammar(
                .signal,
                example: "cpu.run_delay",
                "the signal that it watches ([Signals](Signals.md)); it must be given"
            )
        case .role:
            KeyGrammar(
                .choice(of: Rule.Role.self),
                example: "victim",
                "victim: the VM is hurt, find who does it; suspect: tell of the VM; it must be given"
            )
        case .detector:
            KeyGrammar(
                .choice(of: Rule.Detector.self),
                normally: "level",
                example: "shift",
                "what is looked for beside the bounds ([Detection](Detection.md))"
            )
        case .above:
            KeyGrammar(.bound, example: "90 ms/s", acceptsNone: true, "it breaches at or above this; bounds never move")
        case .below: KeyGrammar(.bound, example: "10 ms/s", acceptsNone: true, "it breaches at or below this")
        case .deviation:
            KeyGrammar(
                .amount(.deviation, 1...100, shown: "1 to 100 sigma"),
                example: "4 sigma",
                acceptsNone: true,
                "it breaches this many robust standard deviations from the VM's own usual level; with detectors shift and "
                    + "boundary how much they add up or allow"
            )
        case .risk:
            KeyGrammar(
                .amount(.share, 1e-8...0.01, shown: "0.000001% to 1%"),
                example: "0.01%",
                acceptsNone: true,
                "with detector tail: how improbable a reading must be; without it 0.01%"
            )
        case .score:
            KeyGrammar(
                .amount(.share, 0.5...1, shown: "50% to 100%"),
                example: "90%",
                acceptsNone: true,
                "with detector unusual: the score from which it breaches; without it 99.9%"
            )
        case .within:
            KeyGrammar(
                .duration,
                example: "1 h",
                acceptsNone: true,
                "with detector leak: in how long the bound must be reached"
            )
        case .also:
            KeyGrammar(
                .companions,
                example: "[cpu.usage above 80%]",
                acceptsNone: true,
                "other signals that must be at their bounds too, 1 to \(PolicyCompiler.mostCompanions)"
            )
        case .sustain:
            KeyGrammar(.duration, example: "5 s", "how long it must breach before it fires; without it at once")
        case .clearAfter:
            KeyGrammar(.duration, normally: "5 s", example: "10 s", "how long it must be calm before it clears")
        case .clearAt:
            KeyGrammar(
                .amount(.share, 0.01...1, shown: "1% to 100%"),
                normally: "80%",
                example: "70%",
                "calm is under this share of the bound"
            )
        case .rest:
            KeyGrammar(
                .duration,
                example: "10 min",
                "how long it does not fire again after it cleared; not with a ladder"
            )
        case .severity:
            KeyGrammar(.choice(of: Severity.self), normally: "warning", example: "critical", "how urgent it is")
        case .classes:
            KeyGrammar(
                .names(of: "class", mayBeEmpty: false),
                example: "[latency]",
                acceptsNone: true,
                "the workload classes that it is for; without it all"
            )
        case .tenants:
            KeyGrammar(
                .names(of: "tenant", mayBeEmpty: false),
                example: "[shop]",
                acceptsNone: true,
                "the tenants that it is for; without it all"
            )
        case .ladder:
            KeyGrammar(
                .ladder,
                example: "cpu-throttle",
                acceptsNone: true,
                "the ladder that a culprit is held by; without it nobody is held"
            )
        }
    }
}
