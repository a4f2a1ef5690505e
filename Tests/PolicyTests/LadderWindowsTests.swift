import Signals
import Testing

@testable import Policy

@Suite("Ladder: maintenance windows and the kill switch")
struct LadderWindowsTests {
    /// Monday, 12 January 1970, at a minute of the day, in nanoseconds.
    private static func wall(minute: Int64) -> Int64 { 11 * WeekMinute.dayLength + minute * WeekMinute.minuteLength }

    private func bed(_ effect: MaintenanceWindow.Effect, _ change: (inout MaintenanceWindow) -> Void = { _ in })
        -> LadderBed
    {
        LadderBed { policy in
            var window = MaintenanceWindow(name: "backups", from: 60, to: 120, effect: effect)
            change(&window)
            policy.windows = [window]
        }
    }

    @Test("No hold begins while a window is open, and one begins in the minute in which it ends")
    func noNewHold() {
        for effect in MaintenanceWindow.Effect.allCases {
            var bed = bed(effect)
            bed.circumstances.wall = Self.wall(minute: 60)
            #expect(bed.tick([bed.finding()]) == [])
            #expect(bed.ladder.refusals.map(\.reason) == ["the maintenance window backups is open"])
            bed.circumstances.wall = Self.wall(minute: 119)
            #expect(bed.tick([bed.finding()]) == [])
            bed.circumstances.wall = Self.wall(minute: 120)
            #expect(bed.tick([bed.finding()]).caps == [0.6])
            #expect(bed.ladder.refusals == [])
        }
    }

    @Test("A window for others forbids nothing")
    func others() {
        var bed = bed(.observe) { $0.tenants = ["t0"] }
        bed.circumstances.wall = Self.wall(minute: 60)
        #expect(bed.tick([bed.finding()]).caps == [0.6], "the culprit is of t1")
        bed = self.bed(.observe) { $0.tenants = ["t1"] }
        bed.circumstances.wall = Self.wall(minute: 60)
        #expect(bed.tick([bed.finding()]) == [])
    }

    @Test("While a window observes no step down is taken; the hold goes on and is let up as ever")
    func observes() {
        var bed = bed(.observe)
        bed.circumstances.wall = Self.wall(minute: 59)
        _ = bed.tick([bed.finding()])
        bed.circumstances.wall = Self.wall(minute: 60)
        #expect(bed.run(30, [bed.finding()]).isEmpty)
        #expect(
            bed.ladder.refusals.map(\.reason) == [
                "held at 60% and no further: the maintenance window backups is open"
            ]
        )
        let up = bed.run(30, [], usage: 0.1, throttled: 0).map(\.intent)
        #expect(up.caps.count == 9 && up.reasons == [.calm])
    }

    @Test("A window that releases lets those go whom it is for, at once")
    func releases() {
        var bed = bed(.release) { $0.vms = ["culprit"] }
        bed.circumstances.wall = Self.wall(minute: 59)
        _ = bed.tick([bed.finding(0, by: 1), bed.finding(0, by: 2)])
        bed.circumstances.wall = Self.wall(minute: 60)
        let intents = bed.tick([bed.finding(0, by: 1), bed.finding(0, by: 2)])
        #expect(intents == [.release(bed.key(1), .policy)])
        #expect(bed.ladder.holds.map(\.vm) == [bed.vm(2)])
    }

    @Test("Where the hour is not known every window that observes is open, and none that releases")
    func unknownHour() {
        var bed = bed(.observe)
        #expect(bed.tick([bed.finding()]) == [])
        #expect(
            bed.ladder.refusals.map(\.reason) == [
                "the hour is not known, and the maintenance window backups may be open"
            ]
        )
        bed = self.bed(.release)
        #expect(bed.tick([bed.finding()]).caps == [0.6])
        #expect(bed.tick([]) == [])
    }

    @Test("The kill switch lets everybody go at once, a person's hold too, and nobody is held until it is armed again")
    func disarmed() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding()])
        bed.note(.granted(bed.order(2, .throttle(0.5)), lease: 9))
        bed.circumstances.isDisarmed = true
        let intents = bed.tick([bed.finding(), bed.finding(2, by: 0)])
        #expect(intents == [.release(bed.key(1), .disarmed), .release(bed.key(2), .disarmed)])
        #expect(bed.run(60, [bed.finding()]).isEmpty)
        #expect(bed.ladder.refusals.map(\.reason) == ["the kill switch is thrown"])
        bed.circumstances.isDisarmed = false
        #expect(bed.tick([bed.finding()]).caps == [0.6], "at once")
    }

    @Test("What was asked for as the kill switch was thrown is let go once it is answered, though it is armed again")
    func disarmedWhileAsked() {
        var bed = LadderBed()
        let asked = bed.tick([bed.finding()], answer: false)
        bed.circumstances.isDisarmed = true
        #expect(bed.tick() == [])
        bed.circumstances.isDisarmed = false
        asked.forEach { bed.answer($0) }
        #expect(bed.tick() == [.release(bed.key(1), .disarmed)])
    }

    @Test("In dry run the kill switch ends what is told only")
    func disarmedDry() {
        var bed = LadderBed(mode: .dryRun)
        _ = bed.tick([bed.finding()])
        bed.circumstances.isDisarmed = true
        #expect(bed.tick([bed.finding()]).reasons == [.disarmed])
        #expect(bed.ladder.holds.isEmpty)
    }
}
