import Dispatch
public import Signals
import Synchronization
public import Traces

/// Where a ``Monitor`` hands its frames to somebody who records: a bounded queue of encoded bytes.
///
/// Handing over encodes and never waits. What finds no room is left out, counted, and told in the trace; the next frame
/// with room is told whole. Two buffers change places between the two sides, so that nothing is allocated once warm.
public final class TraceTap: Sendable {
    /// Bytes that wait at most before frames are left out; a frame that was begun is always whole.
    public static let queueLimit = 8 << 20

    private struct State {
        var encoder: TraceEncoder
        var waiting: [UInt8] = []
        var isClosed = false
    }

    private let state: Mutex<State>
    private let limit: Int
    private let wake = DispatchSemaphore(value: 0)

    /// An empty tap.
    ///
    /// - Parameters:
    ///   - encoder: What writes the trace.
    ///   - limit: Bytes that wait at most before frames are left out.
    public init(_ encoder: TraceEncoder, limit: Int = TraceTap.queueLimit) {
        self.state = Mutex(State(encoder: encoder))
        self.limit = limit
    }

    /// Frames that were left out.
    public var lost: UInt64 { state.withLock { $0.encoder.lost } }

    /// Whether nobody takes the bytes any more.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Takes a frame over.
    ///
    /// - Parameter frame: The frame of this tick.
    public func take(_ frame: Frame) {
        state.withLock { state in
            guard !state.isClosed else { return }
            if state.waiting.count < limit {
                state.encoder.encode(frame, into: &state.waiting)
            } else {
                state.encoder.skip()
            }
        }
        wake.signal()
    }

    /// Takes over what the ladder is told beside the frames that follow.
    ///
    /// - Parameter circumstances: What it is told.
    public func take(_ circumstances: TraceCircumstances) {
        state.withLock { $0.encoder.note(circumstances) }
    }

    /// Takes over what became of an intent; left out without a word where there is no room, as the frames around it are.
    ///
    /// - Parameters:
    ///   - event: What became of it.
    ///   - time: When.
    public func take(_ event: LeaseEvent, at time: MonotonicTime) {
        state.withLock { state in
            guard !state.isClosed, state.waiting.count < limit else { return }
            state.encoder.encode(event, at: time, into: &state.waiting)
        }
    }

    /// Waits until there may be something to take.
    ///
    /// - Parameter seconds: How long at most.
    public func wait(atMost seconds: Double) {
        _ = wake.wait(timeout: .now() + seconds)
    }

    /// Hands out the bytes that wait.
    ///
    /// - Parameter bytes: Replaced by the bytes; its room is used for those to come.
    public func takeBytes(into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        state.withLock { swap(&$0.waiting, &bytes) }
    }

    /// Takes nothing more.
    public func close() {
        state.withLock { $0.isClosed = true }
        wake.signal()
    }
}
