import Signals

extension TopKey {
    var grammar: KeyGrammar {
        switch self {
        case .version: KeyGrammar(.version, normally: "1", example: "1", "the version of the rule language")
        case .mode:
            KeyGrammar(
                .choice(of: PolicySet.Mode.self),
                normally: "dry-run",
                example: "enforce",
                "whether Quell acts or only tells what it would do"
            )
        case .memoryHigh:
            KeyGrammar(
                .yesNo,
                normally: "no",
                example: "yes",
                "whether a VM's soft memory limit may be set where it becomes memory.high (cgroup v2)"
            )
        case .limits: KeyGrammar(.section(.limits), example: "{held-vms: 3}", "how much may be held at once")
        case .protect: KeyGrammar(.section(.protect), example: "{tenants: [infra]}", "who is never acted on")
        case .quarantine:
            KeyGrammar(.section(.quarantine), example: "{cpus: 0-1}", "what the step 'quarantine' of a ladder does")
        case .audit:
            KeyGrammar(
                .section(.audit),
                example: "{tpm-missing: ignore}",
                "how urgent each finding of quell audit is ([Audit](Audit.md)); 'ignore': it is not told"
            )
        case .windows:
            KeyGrammar(
                .list(of: .window),
                example: "[{name: backups, from: \"22:00\", to: \"04:30\", then: observe}]",
                "hours in which nobody is held"
            )
        case .ladders:
            KeyGrammar(
                .map(of: .ladder),
                example: "{cpu-throttle: {calm: 20 s}}",
                "how a culprit is held back, by name"
            )
        case .rules:
            KeyGrammar(
                .list(of: .rule),
                example: "[{name: hurt, signal: cpu.run_delay, role: victim, above: 60 ms/s}]",
                "what is watched and what follows"
            )
        }
    }
}

extension LimitKey {
    var grammar: KeyGrammar {
        switch self {
        case .heldVMs: KeyGrammar(.whole(0...10_000), normally: "2", example: "3", "VMs held at once")
        case .heldVCPUShare:
            KeyGrammar(
                .amount(.share, 0...1, shown: "0% to 100%"),
                normally: "25%",
                example: "40%",
                "the share of all running VMs' vCPUs held at once; one VM may always be held"
            )
        case .actionsPerMinute:
            KeyGrammar(
                .whole(0...600),
                normally: "6",
                example: "12",
                "new holds and steps down within any 60 seconds; releases are never limited"
            )
        case .quarantinedVMs:
            KeyGrammar(
                .whole(0...10_000),
                normally: "1",
                example: "2",
                "of those held, how many in quarantine or suspended"
            )
        case .suspendedVMs:
            KeyGrammar(
                .whole(0...10_000),
                normally: "0",
                example: "1",
                "of those, how many suspended; 0: nobody ever is"
            )
        }
    }
}

extension ProtectKey {
    var grammar: KeyGrammar {
        switch self {
        case .vms:
            KeyGrammar(
                .names(of: "VM", mayBeEmpty: true),
                normally: "[]",
                example: "[router-1]",
                "VMs by name or UUID; the lists of all files add up"
            )
        case .tenants:
            KeyGrammar(
                .names(of: "tenant", mayBeEmpty: true),
                normally: "[]",
                example: "[infra]",
                "tenants by name; the lists of all files add up"
            )
        }
    }
}

extension QuarantineKey {
    var grammar: KeyGrammar {
        switch self {
        case .cpus:
            KeyGrammar(
                .cpus,
                normally: "none",
                example: "0-1,8",
                acceptsNone: true,
                "the host CPUs that VMs in quarantine share"
            )
        case .links:
            KeyGrammar(
                .choice(of: QuarantinePlan.Links.self),
                normally: "keep",
                example: "anti-spoof",
                "what is done to their links: nothing, no false source address gets out, nothing gets through, down"
            )
        case .share:
            KeyGrammar(
                .amount(.share, LadderPlan.floor...1, shown: "10% to 100%"),
                normally: "20%",
                example: "15%",
                "what they keep of each vCPU's time"
            )
        }
    }
}

extension WindowKey {
    var grammar: KeyGrammar {
        switch self {
        case .name: KeyGrammar(.name, example: "backups", isRequired: true, "its name; later files change it by that")
        case .enabled: KeyGrammar(.yesNo, normally: "yes", example: "no", "'no' switches it off")
        case .days:
            KeyGrammar(
                .days,
                example: "[sat, sun]",
                acceptsNone: true,
                "the days on which it begins; without it all of them"
            )
        case .from: KeyGrammar(.time(endsDay: false), example: "\"22:00\"", "when it begins, UTC; it must be given")
        case .to:
            KeyGrammar(
                .time(endsDay: true),
                example: "\"04:30\"",
                "when it ends, UTC, on the next day where that is not later; it must be given"
            )
        case .then:
            KeyGrammar(
                .choice(of: MaintenanceWindow.Effect.self),
                example: "observe",
                "observe: no new hold and no step down; release: who is held is let go too; it must be given"
            )
        case .vms:
            KeyGrammar(
                .names(of: "VM", mayBeEmpty: false),
                example: "[db-1]",
                acceptsNone: true,
                "the VMs that it is for, by name or UUID; with the next two it is for all where none is given"
            )
        case .tenants:
            KeyGrammar(
                .names(of: "tenant", mayBeEmpty: false),
                example: "[infra]",
                acceptsNone: true,
                "the tenants that it is for"
            )
        case .classes:
            KeyGrammar(
                .names(of: "class", mayBeEmpty: false),
                example: "[batch]",
                acceptsNone: true,
                "the workload classes that it is for"
            )
        }
    }
}
