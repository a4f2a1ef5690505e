import Foundation
import Policy
import Reporting
import Signals
import Systemd

/// Makes an order of what a person asks for with `quell hold`, or says why not.
struct HoldDesk {
    /// Seconds of a hold for which none are given.
    static let usualTerm = 300.0
    /// Seconds that a person may have a VM held.
    static let terms = 1.0...3_600
    /// Characters of a reason that are kept.
    static let longestReason = 200

    /// What the daemon saw last.
    let snapshot: MonitorSnapshot
    /// Who threw the kill switch, when and why; `nil` where it is not thrown.
    let disarmed: String?

    /// The order that a request means.
    ///
    /// A policy's limits on how many are held do not bind a person; what it protects is protected from everybody.
    ///
    /// - Parameter request: The request.
    /// - Returns: The order, with what the VM used in the last tick.
    /// - Throws: The reason why the VM is not held.
    func order(for request: ControlRequest) throws(ControlProblem) -> HoldOrder {
        if let disarmed {
            throw ControlProblem(error: "Quell is disarmed and holds nobody (\(disarmed)); first: quell arm")
        }
        guard let step = request.step.flatMap(HoldStep.init(byHand:)) else {
            throw ControlProblem(error: "how far? accepted: \(HoldStep.acceptedByHand)")
        }
        guard let contention = Contention(rawValue: request.over ?? Contention.cpu.rawValue) else {
            let names = Contention.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlProblem(
                error: "there is no contention \(PlainText.name(request.over ?? "")); accepted: \(names)"
            )
        }
        let term = request.seconds ?? Self.usualTerm
        guard Self.terms.contains(term) else {
            throw ControlProblem(error: "a VM is held for 1 s to 1 h by hand; for longer use a policy")
        }
        let slot = try snapshot.slot(named: request.vm)
        guard let record = snapshot.frame[record: slot] else { throw ControlProblem(error: "the VM has just gone") }
        let name = PlainText.name(record.name)
        guard !snapshot.policy.protects(record) else {
            throw ControlProblem(error: "the policy protects \(name), so nobody holds it; its 'protect:' says so")
        }
        guard record.running else { throw ControlProblem(error: "\(name) does not run: there is nothing to hold back") }
        let use = HoldUse(of: slot, in: snapshot.frame)
        guard step.share == nil || use.canThrottle(contention) else {
            throw ControlProblem(error: Self.unknownUse(of: name, contention))
        }
        var order = HoldOrder(
            vm: record.identity,
            name: record.name,
            vcpus: record.vcpus,
            contention: contention,
            step: step,
            term: term,
            rule: Self.reason(request),
            victim: nil,
            victimName: ""
        )
        order.origin = .person
        order.use = use
        order.quarantine = snapshot.policy.quarantine
        order.allowsMemoryHigh = snapshot.policy.allowsMemoryHigh
        return order
    }

    /// Whether a request is refused only because the VM's use was not read in the last tick, which the next may cure.
    func lacksUse(_ request: ControlRequest) -> VMSlot? {
        guard let contention = request.over.flatMap(Contention.init(rawValue:)),
            request.step.flatMap(HoldStep.init(byHand:))?.share != nil,
            let slot = try? snapshot.slot(named: request.vm)
        else { return nil }
        return HoldUse(of: slot, in: snapshot.frame).canThrottle(contention) ? nil : slot
    }

    private static func unknownUse(of name: String, _ contention: Contention) -> String {
        let what =
            switch contention {
            case .memory: "how much memory the guest of \(name) can spare is not known, or is nothing"
            case .cpu, .llc, .memoryBandwidth, .disk, .network, .gpu, .power, .busLock:
                "what \(name) uses of the \(contention.rawValue) now is not read, or is nothing"
            }
        return what + ": there is nothing to take a share of"
    }

    /// Why and for whom, as the journal and the leases show it.
    private static func reason(_ request: ControlRequest) -> String {
        let reason = request.reason.flatMap { $0.isEmpty ? nil : String($0.prefix(longestReason)) }
        let who = request.who.flatMap { $0.isEmpty ? nil : String($0.prefix(64)) }
        return (who.map { $0 + ": " } ?? "") + (reason ?? "no reason given")
    }
}

extension MonitorSnapshot {
    /// The row of the one VM of that name or UUID.
    ///
    /// - Parameter text: The name, or the UUID in either case.
    /// - Returns: The row.
    /// - Throws: Why there is none, or not one alone.
    func slot(named text: String?) throws(ControlProblem) -> VMSlot {
        guard let text, !text.isEmpty else { throw ControlProblem(error: "which VM? give its name or UUID") }
        let slots = (0..<frame.capacity).map { VMSlot($0) }.filter { slot in
            guard let record = frame[record: slot] else { return false }
            return record.identity.isNamed(text, name: record.name)
        }
        guard let slot = slots.first else { throw ControlProblem(error: "no VM of that name or UUID runs here") }
        guard slots.count == 1 else {
            throw ControlProblem(error: "several VMs have that name: give the UUID")
        }
        return slot
    }
}

extension VMIdentity {
    /// Whether a request's text names a VM: its name, or its UUID in either case.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - name: The VM's name.
    /// - Returns: Whether it does.
    func isNamed(_ text: String, name: String) -> Bool { name == text || uuid.description == text.lowercased() }
}
