/// The fields of a record beside its text, in the order in which a record carries them.
public enum AlertField: String, Sendable, CaseIterable {
    /// The UUID of the VM that the record is about.
    case vmUUID = "QUELL_VM_UUID"
    /// Its name.
    case vm = "QUELL_VM"
    /// Its tenant.
    case tenant = "QUELL_TENANT"
    /// The rule.
    case rule = "QUELL_RULE"
    /// The signal that the rule watches.
    case signal = "QUELL_SIGNAL"
    /// The value, in the signal's base unit.
    case value = "QUELL_VALUE"
    /// The bound that it crossed, in the signal's base unit.
    case threshold = "QUELL_THRESHOLD"
    /// What is usual for this VM, in the signal's base unit.
    case baseline = "QUELL_BASELINE"
    /// The UUID of the VM that is hurt.
    case victim = "QUELL_VICTIM"
    /// The UUID of the VM that is to blame.
    case culprit = "QUELL_CULPRIT"
    /// What they contend for.
    case contention = "QUELL_CONTENTION"
    /// How sure Quell is, 0 to 1.
    case confidence = "QUELL_CONFIDENCE"
    /// What was done.
    case action = "QUELL_ACTION"
    /// The lease under which it was done.
    case lease = "QUELL_LEASE"
    /// The command that undoes it.
    case undo = "QUELL_UNDO"
    /// Why.
    case reason = "QUELL_REASON"
    /// How it was before.
    case before = "QUELL_BEFORE"
    /// What would have to change.
    case remedy = "QUELL_REMEDY"
    /// What kind of thing an audit found.
    case finding = "QUELL_FINDING"
    /// Who did it.
    case by = "QUELL_BY"
    /// How many things the record sums up.
    case count = "QUELL_COUNT"
}
