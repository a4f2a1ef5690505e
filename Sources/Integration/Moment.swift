import Foundation

/// An instant on both clocks: the steady one for lengths of time, the wall clock for the journal's stamps.
struct Moment {
    /// The instant on the steady clock.
    let steady: ContinuousClock.Instant
    /// Seconds since 1970 on the wall clock.
    let wall: Double

    /// This instant.
    static var now: Moment { Moment(steady: .now, wall: Date().timeIntervalSince1970) }

    /// Seconds since it.
    var age: Double { (ContinuousClock.now - steady).inSeconds }
}
