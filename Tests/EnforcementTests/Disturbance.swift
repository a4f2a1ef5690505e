import Signals

@testable import Enforcement

/// What goes wrong in a story.
enum Disturbance: Sendable, CustomStringConvertible {
    /// The process dies.
    case death(step: Int, World.Death, Loss)
    /// One call of the hypervisor fails.
    case fault(step: Int, World.Fault)
    /// All calls of the hypervisor fail from a step on.
    case outage(step: Int, World.Fault)
    /// One call of the disk fails, or all from there on.
    case disk(step: Int, LedgerError, lasts: Bool)

    /// What a loss of power leaves of what was not synced.
    enum Loss: CaseIterable {
        /// The process alone died: all that was written is there.
        case nothing
        /// All that was not synced is lost.
        case everything
        /// Half of what was written is there, and no new name.
        case half
        /// New names are there, unsynced bytes are not.
        case bytes

        func keep(_ isName: Bool, _ unsynced: Int) -> Int {
            switch self {
            case .nothing: unsynced
            case .everything: 0
            case .half: isName ? 0 : (unsynced + 1) / 2
            case .bytes: isName ? 1 : 0
            }
        }
    }

    /// A death at a step, for each turn of another kind.
    static func death(step: Int, turn: Int) -> Disturbance {
        .death(step: step, World.Death.allCases[turn % 3], Loss.allCases[turn / 3 % 4])
    }

    var description: String {
        switch self {
        case .death(let step, let death, let loss): "death \(death) step \(step), loss of \(loss)"
        case .fault(let step, let fault): "\(fault) at step \(step)"
        case .outage(let step, let fault): "\(fault) from step \(step)"
        case .disk(let step, let error, let lasts): "\(error) \(lasts ? "from" : "at") step \(step)"
        }
    }

    /// Lets it happen.
    func schedule(in state: inout World.State) {
        switch self {
        case .death(let step, let death, _):
            state.dieAt = step
            state.death = death
        case .fault(let step, let fault): state.faultAt[step] = fault
        case .outage(let step, let fault): state.outage = (step, fault)
        case .disk(let step, let error, let lasts): state.diskFault = (lasts ? step...Int.max : step...step, error)
        }
    }
}
