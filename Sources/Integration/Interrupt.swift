import Foundation
import Glibc
import Synchronization

/// Set by the signal handler; read by every wait.
private let asked = Atomic<Bool>(false)

/// The wish of a person or of `make` to end the run: SIGINT, SIGTERM or SIGHUP.
///
/// The handler only sets a flag. Every wait of the testbed looks at it and throws, so the clean-up always runs.
enum Interrupt {
    /// Catches the signals from now on.
    static func arm() {
        _ = asked.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // The handler does nothing but store to a lock-free atomic that exists already.
            _ = signal(number) { _ in asked.store(true, ordering: .relaxed) }
        }
    }

    /// Whether the end was asked for.
    static var isAsked: Bool { asked.load(ordering: .relaxed) }

    /// Throws if the end was asked for.
    ///
    /// - Throws: ``BedError/interrupted``.
    static func check() throws(BedError) {
        if isAsked { throw .interrupted }
    }
}

/// Waiting, always with a limit.
enum Wait {
    /// Lets time pass.
    ///
    /// - Parameter seconds: How long.
    /// - Throws: ``BedError/interrupted``.
    static func seconds(_ seconds: Double) throws(BedError) {
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            try Interrupt.check()
            let left = (end - ContinuousClock.now).inSeconds
            if left <= 0 { return }
            Thread.sleep(forTimeInterval: min(left, 0.02))
        }
    }

    /// Waits until something is so.
    ///
    /// - Parameters:
    ///   - what: What is waited for, for the error.
    ///   - limit: The longest wait in seconds.
    ///   - step: The pause between two looks, in seconds.
    ///   - condition: Whether it is so.
    /// - Returns: How long it took, in seconds.
    /// - Throws: ``BedError/late(what:seconds:)`` or ``BedError/interrupted``.
    @discardableResult
    static func until(
        _ what: String,
        limit: Double,
        step: Double = 0.02,
        _ condition: () throws(BedError) -> Bool
    ) throws(BedError) -> Double {
        let start = ContinuousClock.now
        while true {
            try Interrupt.check()
            if try condition() { return (ContinuousClock.now - start).inSeconds }
            if (ContinuousClock.now - start).inSeconds >= limit { throw .late(what: what, seconds: limit) }
            Thread.sleep(forTimeInterval: step)
        }
    }
}

extension Duration {
    /// The length in seconds.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
