/// The pauses between attempts to connect: each twice the one before up to a cap, with jitter.
///
/// Jitter keeps many hosts' agents from returning to a shared service in step.
struct BackOff: Equatable, Sendable {
    /// Seconds of the first pause before jitter.
    var first = 0.5
    /// Seconds of the longest pause before jitter.
    var cap = 30.0
    /// Pauses taken since the last success.
    private(set) var attempts = 0

    /// The next pause: between half of the nominal one and all of it, by `jitter` from 0 to 1.
    mutating func next(jitter: Double) -> Duration {
        var nominal = first
        for _ in 0..<attempts where nominal < cap { nominal *= 2 }
        nominal = min(nominal, cap)
        if attempts < 64 { attempts += 1 }
        return .seconds(nominal * (0.5 + 0.5 * min(1, max(0, jitter))))
    }

    /// Starts again from the first pause.
    mutating func reset() {
        attempts = 0
    }
}
