import Signals

extension LadderKey {
    var grammar: KeyGrammar {
        switch self {
        case .contention:
            KeyGrammar(
                .choice(of: Contention.self),
                normally: "cpu",
                example: "disk",
                "what it answers; its rules must speak of the same"
            )
        case .steps:
            KeyGrammar(
                .steps,
                normally: "[60%, 35%, 20%]",
                example: "[70%, 50%, quarantine]",
                "how far down it goes, 1 to \(PolicyCompiler.mostSteps) steps, each stricter than the one before: shares of "
                    + "10% to 100%, then 'quarantine' and 'suspend'"
            )
        case .start:
            KeyGrammar(
                .classSteps,
                example: "[batch 35%]",
                acceptsNone: true,
                "where a class of VMs begins: it goes down at once where others go step by step"
            )
        case .ceiling:
            KeyGrammar(
                .classSteps,
                example: "[gold 60%]",
                acceptsNone: true,
                "where a class of VMs ends: it is never held back further"
            )
        case .suspendFor:
            KeyGrammar(
                .amount(.duration, 1...600, shown: "1 s to 10 min"),
                normally: "30 s",
                example: "20 s",
                "the most that a VM is suspended for before it goes back to the step before"
            )
        case .stepAfter:
            KeyGrammar(
                .duration,
                normally: "3 s",
                example: "5 s",
                "how long a step is in force before the next one down, if the victim is still hurt"
            )
        case .lease:
            KeyGrammar(
                .duration,
                normally: "5 min",
                example: "10 min",
                "when a hold ends whatever happens; longer than all steps and 'verify' take"
            )
        case .calm:
            KeyGrammar(
                .duration,
                normally: "10 s",
                example: "20 s",
                "how long victim and culprit must be quiet before the way up begins"
            )
        case .raise:
            KeyGrammar(
                .amount(.share, 0.001...0.1, shown: "0.1% to 10%"),
                normally: "10%",
                example: "5%",
                "how much of the way back up each step takes"
            )
        case .raiseEvery: KeyGrammar(.duration, normally: "1 s", example: "2 s", "the time between steps up")
        case .verify:
            KeyGrammar(
                .duration,
                normally: "15 s",
                example: "30 s",
                "at the last step: a victim that is no better by then acquits the culprit"
            )
        case .acquittal:
            KeyGrammar(
                .duration,
                normally: "10 min",
                example: "30 min",
                "how long an acquitted VM is not held for the same victim again"
            )
        }
    }
}
