import Signals

/// One trial of a knob on a real guest: set, seen in the kernel, given back, and changed by a person meanwhile.
struct KnobTrial {
    /// The knob.
    let knob: Knob
    /// What it is set to.
    let setting: Setting
    /// How the kernel shows that; see ``KnobLook``.
    let shown: String
    /// What a person does with virsh while it is set.
    let person: [String]
    /// How that must be read.
    let theirs: Setting
    /// Seconds that the guest may take to follow.
    var patience = 0.0

    /// Runs it.
    ///
    /// - Parameters:
    ///   - stage: The guest and the hand.
    ///   - report: Takes the verdicts.
    ///   - effect: What is measured while the setting is in force.
    /// - Throws: ``BedError`` where it breaks off.
    func run(
        on stage: KnobStage,
        _ report: inout Report,
        while effect: (inout Report) throws(BedError) -> Void = { (_: inout Report) throws(BedError) in }
    ) throws(BedError) {
        let guest = stage.guest
        let before = try stage.hand.read(knob, of: guest)
        let kernel = try stage.look.state(knob)
        try stage.hand.set(knob, to: setting, of: guest)
        let isRead = try reads(setting, on: stage)
        let seen = try stage.look.state(knob)
        report.check(
            isRead && seen == shown && seen != kernel,
            "\(knob): \(kernel) before, now \(seen), read back as set"
        )
        try effect(&report)
        try stage.hand.set(knob, to: before, of: guest)
        let isBack = try reads(before, on: stage)
        let after = try stage.look.state(knob)
        report.check(isBack && after == kernel, "\(knob): given back: \(after)")

        try stage.hand.set(knob, to: setting, of: guest)
        _ = try reads(setting, on: stage)
        try stage.bed.virsh(person)
        let isTheirs = try reads(theirs, on: stage)
        let found = try stage.hand.read(knob, of: guest)
        report.check(
            isTheirs && !found.means(setting),
            "\(knob): after `\(person.joined(separator: " "))` it reads as theirs: \(try stage.look.state(knob))"
        )
        try stage.hand.set(knob, to: before, of: guest)
        _ = try reads(before, on: stage)
    }

    /// Waits for as long as the guest may take until the knob reads as a setting.
    private func reads(_ wanted: Setting, on stage: KnobStage) throws(BedError) -> Bool {
        let start = Moment.now
        while try !stage.hand.read(knob, of: stage.guest).means(wanted) {
            if start.age >= patience { return false }
            try Wait.seconds(0.1)
        }
        return true
    }
}

/// Where trials take place.
struct KnobStage {
    /// The bed.
    let bed: Bed
    /// Quell's hand.
    let hand: KnobHand
    /// The guest whose knobs are turned.
    let guest: Guest
    /// A guest whose disk is on the same storage.
    let neighbour: Guest
    /// How they stand in the kernel.
    var look: KnobLook { KnobLook(bed: bed, guest: guest) }

    /// The trial of a value of `virsh schedinfo`.
    ///
    /// - Parameters:
    ///   - knob: The knob.
    ///   - setting: What it is set to.
    ///   - shown: How the kernel shows that.
    ///   - person: What a person sets instead, as `NAME=VALUE`.
    ///   - theirs: How that must be read.
    /// - Returns: The trial.
    func scheduler(
        _ knob: Knob,
        _ setting: Setting,
        shown: String,
        person: String,
        theirs: Setting
    ) -> KnobTrial {
        let command = ["schedinfo", guest.name, "--live", "--set", person]
        return KnobTrial(knob: knob, setting: setting, shown: shown, person: command, theirs: theirs)
    }
}
