public import Foundation
import Glibc

/// Answers ``ControlRequest``s at a socket in the file system, for root and the socket's group.
///
/// One thread accepts; each client that finds a place has a short-lived thread to be read on, a bounded line within a
/// bounded time, and one to be answered on, so that a slow or hostile client holds neither the daemon's tasks nor other
/// clients. Who asks is what the kernel says (``ControlPeer``): members of the group may ask what changes nothing, the
/// rest is for root and the daemon's own user. The answers are made by `answer` on the caller's task, one after another;
/// what changes something does not wait for what does not, and nobody waits for what takes long but those who ask for it.
public struct ControlServer: Sendable {
    /// The longest request, in bytes.
    public static let longestRequest = 4_096

    private let path: String
    private let limits: ControlLimits
    private let clock: @Sendable () -> Double
    private let answer: @Sendable (ControlRequest) async -> Data
    private let record: (@Sendable (ControlRequest, ControlStream) async -> Void)?

    /// A server, not yet listening.
    ///
    /// - Parameters:
    ///   - path: The socket's path.
    ///   - limits: How much of the daemon its clients may take.
    ///   - clock: Seconds of a clock that does not go back, for the number of questions; `nil` for the host's own.
    ///   - answer: Makes the answer to a request, one JSON document without a newline.
    ///   - record: Answers a request to record on a connection that it may keep, and returns at once.
    public init(
        path: String,
        limits: ControlLimits = ControlLimits(),
        clock: (@Sendable () -> Double)? = nil,
        answer: @escaping @Sendable (ControlRequest) async -> Data,
        record: (@Sendable (ControlRequest, ControlStream) async -> Void)? = nil
    ) {
        self.path = path
        self.limits = limits
        self.clock = clock ?? { UnixSocket.milliseconds / 1_000 }
        self.answer = answer
        self.record = record
    }

    /// Listens and answers until the task is cancelled; the file is removed at the end.
    ///
    /// - Throws: ``SocketError`` where the path cannot be listened at.
    public func run() async throws {
        let socket = try UnixSocket.listen(at: path, mode: 0o660)
        let access = ControlAccess(owner: geteuid(), group: try UnixSocket.group(of: path))
        let (questions, asked) = AsyncStream.makeStream(of: Pending.self)
        let (changes, wanted) = AsyncStream.makeStream(of: Pending.self)
        let (looks, searched) = AsyncStream.makeStream(of: Pending.self)
        let listening = socket.descriptor
        let intake = ControlIntake(access: access, limits: limits, clock: clock) { request, connection in
            let line = request.kind.changes ? wanted : request.kind.isSlow ? searched : asked
            line.yield(Pending(request: request, connection: connection))
        }
        let thread = Thread {
            intake.accept(on: listening)
            asked.finish()
            wanted.finish()
            searched.finish()
        }
        thread.name = "quell-control"
        thread.start()
        await withTaskCancellationHandler {
            async let changed: Void = reply(to: changes)
            async let looked: Void = reply(to: looks)
            await reply(to: questions)
            await changed
            await looked
        } onCancel: {
            // Ends the thread's accept with EINVAL; the descriptor itself stays open until the thread is done.
            shutdown(listening, Int32(SHUT_RDWR))
        }
        // The streams ended, so the thread has left its loop: nobody uses the descriptor any more.
        // SAFETY: the string lives for the length of the call.
        unsafe unlink(path)
        _ = consume socket
    }

    /// A request that waits for its answer.
    private struct Pending: Sendable {
        let request: ControlRequest
        let connection: ControlConnection
    }

    private func reply(to requests: AsyncStream<Pending>) async {
        for await pending in requests {
            if pending.request.kind == .record, let record {
                await record(pending.request, ControlStream(pending.connection))
            } else {
                let body = await answer(pending.request)
                ControlIntake.onThread { [limits] in pending.connection.finish(body, limits) }
            }
        }
    }
}

/// An answer that says why there is none.
public struct ControlProblem: Error, Codable, Equatable, Sendable {
    /// The reason.
    public var error: String

    /// An answer that says why there is none.
    ///
    /// - Parameter error: The reason.
    public init(error: String) {
        self.error = error
    }

    /// The answer as JSON.
    public var json: Data { (try? JSONEncoder().encode(self)) ?? Data() }
}
