import Signals

extension Attributor {
    /// A VM that was shown to hurt a victim.
    struct Shown: Sendable {
        /// The VM.
        var identity: VMIdentity
        /// By which use.
        var use: Use
        /// The correlation by which it was shown.
        var correlation: Double
        /// Its use then.
        var amount: Double
        /// The last tick in which the victim was hurt.
        var lastHurt: UInt64
        /// Ticks in which it was at it and the victim was not hurt.
        var harmless = 0
    }

    /// VMs remembered for a victim.
    static let shownPerVictim = 4
    /// Ticks without suffering after which what was shown is forgotten.
    static let shownTicks: UInt64 = 120
    /// Ticks in which a VM is at it again and hurts nobody that take back what was shown.
    static let harmlessTicks = 3

    /// Brings what was shown up to date.
    ///
    /// A culprit that pauses is not cleared by it. It is cleared by being at it while the victim is well.
    mutating func review(_ frame: Frame) {
        for place in shown.indices {
            guard var entry = shown[place] else { continue }
            if hurt[place / Self.shownPerVictim] != 0 {
                entry.lastHurt = tick
                entry.harmless = 0
            } else if let slot = frame.slot(of: entry.identity), slot.index < identities.count,
                let column = layout.column(entry.use), let amount = present(slot.index, column),
                amount >= tuning.still * entry.amount, frame.records[slot.index]?.isHeld == false
            {
                entry.harmless += 1
            }
            let isOver = entry.harmless >= Self.harmlessTicks || tick &- entry.lastHurt > Self.shownTicks
            shown[place] = isOver ? nil : entry
        }
    }

    /// Whether nobody new can be shown to hurt a victim.
    ///
    /// That is so while one that was shown before cannot be read, and where the victim has been hurt for so long that what is calm
    /// in the window is little, or only a lull; unless somebody was shown before, who may have been stopped since.
    func isBlind(_ verdict: Verdict, frame: Frame) -> Bool {
        let row = verdict.slot.index
        for place in row * Self.shownPerVictim..<(row + 1) * Self.shownPerVictim {
            guard let entry = shown[place], let slot = frame.slot(of: entry.identity),
                let column = layout.column(entry.use)
            else { continue }
            if present(slot.index, column) == nil { return true }
        }
        return isHurt(verdict, forMoreThan: tuning.newWithin)
    }

    /// Whether a victim has been hurt for more than so many ticks, less those in between, and nobody was shown to do it.
    func isHurt(_ verdict: Verdict, forMoreThan ticks: Int) -> Bool {
        isHurt(verdict.slot.index, Self.bit(verdict.signal), forMoreThan: ticks)
    }

    /// Whether any VM in an arena has been hurt as a victim is for more than so many ticks, and nobody was shown to do it.
    func isAnyHurt(_ verdict: Verdict, in arena: Arena, forMoreThan ticks: Int) -> Bool {
        let bit = Self.bit(verdict.signal)
        for row in arena.members.indices
        where arena.members[row].part > 0 && isHurt(row, bit, forMoreThan: ticks) { return true }
        return false
    }

    /// Whether the VM in a row has been hurt over something for more than so many ticks, and nobody was shown to do it.
    private func isHurt(_ row: Int, _ bit: UInt16, forMoreThan ticks: Int) -> Bool {
        guard bit != 0, hurtFor[row * Self.kinds + bit.trailingZeroBitCount] > UInt32(max(0, ticks)) else {
            return false
        }
        for place in row * Self.shownPerVictim..<(row + 1) * Self.shownPerVictim where shown[place] != nil {
            return false
        }
        return true
    }

    /// Whether somebody who was shown to hurt the VM in a row is at it no more, and not because it is held.
    func isAfterBurst(_ row: Int, frame: Frame) -> Bool {
        for place in row * Self.shownPerVictim..<(row + 1) * Self.shownPerVictim {
            guard let entry = shown[place], let slot = frame.slot(of: entry.identity),
                frame.records[slot.index]?.isHeld == false, let column = layout.column(entry.use)
            else { continue }
            if present(slot.index, column) ?? 0 < tuning.still * entry.amount { return true }
        }
        return false
    }

    /// Forgets who was shown to hurt the VM in a row.
    mutating func forgetShown(of row: Int) {
        for place in row * Self.shownPerVictim..<(row + 1) * Self.shownPerVictim { shown[place] = nil }
    }

    /// Who was shown to hurt the VM in a row by a use, as a place in the table; `nil` where it was not.
    func placeShown(_ identity: VMIdentity, _ use: Use, victim row: Int) -> Int? {
        for place in row * Self.shownPerVictim..<(row + 1) * Self.shownPerVictim
        where shown[place]?.identity == identity && shown[place]?.use == use { return place }
        return nil
    }

    /// Remembers that a VM was shown to hurt the one in a row; where all places are taken the one hurt by longest ago goes.
    mutating func rememberShown(_ entry: Shown, victim row: Int) {
        var oldest = row * Self.shownPerVictim
        if let place = placeShown(entry.identity, entry.use, victim: row) {
            shown[place] = entry
            return
        }
        for place in row * Self.shownPerVictim..<(row + 1) * Self.shownPerVictim {
            guard let other = shown[place] else {
                shown[place] = entry
                return
            }
            if other.lastHurt < shown[oldest]?.lastHurt ?? 0 { oldest = place }
        }
        shown[oldest] = entry
    }
}
