import Enforcement
import Foundation
import Policy
import Reporting
import Signals
import Systemd

extension ControlAnswers {
    /// Holds one VM back as a person wants it.
    func hold(_ request: ControlRequest) async -> Data {
        do throws(ControlProblem) {
            let snapshot = await read(for: request)
            let order = try HoldDesk(snapshot: snapshot, disarmed: await disarmed()).order(for: request)
            if let reason = await holdOff(order.vm) {
                throw ControlProblem(error: "\(PlainText.name(order.name)) is not held: \(reason)")
            }
            let now = HostClock.now()
            let events = await enforcer.carryOut([.hold(order)], now: now)
            await monitor.note(events, at: now)
            let leases = await enforcer.leases
            return encode(try HoldReport(events, order: order, leases: leases, frame: snapshot.frame, now: now))
        } catch {
            return error.json
        }
    }

    /// What the daemon saw last; where it did not read in that tick what the VM uses of what it is to be held over, what it
    /// sees once it has, since much of a calm VM is read in every eighth tick only.
    private func read(for request: ControlRequest) async -> MonitorSnapshot {
        var snapshot = await monitor.snapshot()
        for _ in 0..<looks {
            guard let slot = HoldDesk(snapshot: snapshot, disarmed: nil).lacksUse(request) else { break }
            await monitor.attend(slot)
            do { try await Task.sleep(for: .milliseconds(250)) } catch { break }
            snapshot = await monitor.snapshot()
        }
        return snapshot
    }

    /// Who threw the kill switch, when and why; `nil` where Quell is armed.
    func disarmed() async -> String? {
        if await enforcer.isArmed { return nil }
        return killSwitch.thrown ?? "its file could not be written, so that it ends with the daemon"
    }

    /// Throws the kill switch: for the ladder and the enforcer at once, and on disk meanwhile.
    func disarm(_ request: ControlRequest) async -> SwitchReport {
        let now = HostClock.now()
        await monitor.setDisarmed(true)
        async let letGo = enforcer.setArmed(false, now: now)
        let who = request.who ?? "somebody"
        var line = "by \(PlainText.name(who))"
        var trouble: String?
        do throws(KillSwitchError) {
            line = try killSwitch.disarm(by: who, reason: request.reason, wall: HostClock.wallNanoseconds())
        } catch {
            trouble = "a daemon that is started anew will be armed: \(error)"
        }
        alerts.send(.disarmed(line, isNew: true, trouble: trouble))
        let events = await letGo
        await monitor.note(events, at: now)
        let release = ReleaseReport(events, open: await enforcer.leases, watched: await enforcer.watched)
        return SwitchReport(disarmed: line, trouble: trouble, release: release, hasDaemon: true)
    }

    /// Takes the kill switch back: on disk first, so that nobody is held by a daemon whose switch is still thrown there.
    func arm(_ request: ControlRequest) async -> Data {
        do throws(KillSwitchError) {
            try killSwitch.arm()
        } catch {
            return ControlProblem(error: "Quell stays disarmed: \(error)").json
        }
        let wasArmed = await enforcer.isArmed
        let now = HostClock.now()
        await monitor.note(enforcer.setArmed(true, now: now), at: now)
        await monitor.setDisarmed(false)
        if !wasArmed { alerts.send(.armed(by: request.who ?? "somebody")) }
        return encode(SwitchReport(disarmed: nil, hasDaemon: true, mode: await monitor.policy.mode.rawValue))
    }
}
