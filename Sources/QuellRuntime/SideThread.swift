import Foundation
import Sampling
import Signals
import Synchronization

/// The thread of one ``SideSource``: it reads the source once a period, whatever time that takes.
///
/// The source is made, told of the VMs and read on this thread alone. A read cannot be interrupted: a thread that hangs
/// in one is left behind when the daemon stops.
final class SideThread: Sendable {
    /// What one read gave, and when it began.
    struct Answer: Sendable {
        /// What was read.
        var batch: SideBatch
        /// When reading began.
        var time: MonotonicTime
    }

    private struct State {
        var vms: [VMDescription]?
        var isStopped = false
        var readingSince: MonotonicTime?
        var name = ""
        var period = 1.0
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let now: @Sendable () -> MonotonicTime
    private let answer: @Sendable (Answer) -> Void

    /// A thread that does not run yet.
    ///
    /// - Parameters:
    ///   - now: The clock that the readings' times are of.
    ///   - answer: Told what each read gave, on this thread.
    init(now: @escaping @Sendable () -> MonotonicTime, answer: @escaping @Sendable (Answer) -> Void) {
        self.now = now
        self.answer = answer
    }

    /// Starts the thread.
    ///
    /// - Parameter make: Makes the source, on the thread.
    func start(_ make: @escaping @Sendable () -> any SideSource) {
        let thread = Thread { [self] in run(make()) }
        thread.stackSize = 512 << 10
        thread.start()
    }

    /// Hands over which VMs there are, for the next read.
    ///
    /// - Parameter vms: All VMs.
    func watch(_ vms: [VMDescription]) {
        state.withLock { $0.vms = vms }
    }

    /// Ends the thread after the read that it is in.
    func stop() {
        state.withLock { $0.isStopped = true }
        wake.signal()
    }

    /// The source's name; `nil` before it is made.
    var name: String? { state.withLock { $0.name.isEmpty ? nil : $0.name } }

    /// The source's name and the seconds for which a read has gone on, where these exceed ten periods.
    var overdue: (name: String, seconds: Double)? {
        let now = now()
        return state.withLock { state in
            guard let since = state.readingSince else { return nil }
            let seconds = now.seconds(since: since)
            return seconds > 10 * state.period ? (state.name, seconds) : nil
        }
    }

    /// Reads until it is stopped; the phase is kept, and reads that a long one has made late are left out.
    private func run(_ source: any SideSource) {
        let period = max(0.1, source.period)
        state.withLock { state in
            state.name = source.name
            state.period = period
        }
        var due = now()
        while true {
            let wait = max(0, due.seconds(since: now()))
            _ = wake.wait(timeout: .now() + wait)
            let time = now()
            let (isStopped, vms) = state.withLock { state in
                defer { state.vms = nil }
                state.readingSince = time
                return (state.isStopped, state.vms)
            }
            if isStopped { return }
            if let vms { source.watch(vms) }
            answer(Answer(batch: source.read(at: time), time: time))
            state.withLock { $0.readingSince = nil }
            let late = max(0, now().seconds(since: due))
            due = due.advanced(bySeconds: period * ((late / period).rounded(.down) + 1))
        }
    }
}
