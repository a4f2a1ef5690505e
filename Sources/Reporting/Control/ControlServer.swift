public import Foundation
import Glibc
internal import Synchronization

/// Answers ``ControlRequest``s at a socket in the file system, for root and the socket's group.
///
/// One thread accepts and reads, a bounded line within a bounded time, so that a slow or hostile client can neither hold
/// the daemon's tasks nor its memory; the answers are made by `answer` on the caller's task. The file's mode lets the
/// group ask; what changes anything is answered for root and the daemon's own user alone (`SO_PEERCRED`).
public struct ControlServer: Sendable {
    /// The longest request, in bytes.
    public static let longestRequest = 4_096
    /// How long a client may take to send its line or to take its answer, in milliseconds.
    public static let patience = 500
    /// Answers that take long (``ControlRequest/Kind/isSlow``) that are made at once; more are refused.
    public static let mostSlow = 2

    private let path: String
    private let answer: @Sendable (ControlRequest) async -> Data
    private let record: (@Sendable (ControlRequest, ControlStream) async -> Void)?

    /// A server, not yet listening.
    ///
    /// - Parameters:
    ///   - path: The socket's path.
    ///   - answer: Makes the answer to a request, one JSON document without a newline.
    ///   - record: Answers a request to record on a connection that it may keep, and returns at once.
    public init(
        path: String,
        answer: @escaping @Sendable (ControlRequest) async -> Data,
        record: (@Sendable (ControlRequest, ControlStream) async -> Void)? = nil
    ) {
        self.path = path
        self.answer = answer
        self.record = record
    }

    /// Listens and answers until the task is cancelled; the file is removed at the end.
    ///
    /// - Throws: ``SocketError`` where the path cannot be listened at.
    public func run() async throws {
        let socket = try UnixSocket.listen(at: path, mode: 0o660)
        let (requests, incoming) = AsyncStream.makeStream(of: Pending.self, bufferingPolicy: .bufferingOldest(16))
        let listening = socket.descriptor
        let thread = Thread { Self.accept(on: listening, into: incoming) }
        thread.name = "quell-control"
        thread.start()
        await withTaskCancellationHandler {
            await reply(to: requests)
        } onCancel: {
            // Ends the thread's accept with EINVAL; the descriptor itself stays open until the thread is done.
            shutdown(listening, Int32(SHUT_RDWR))
        }
        // The stream ended, so the thread has left its loop: nobody uses the descriptor any more.
        // SAFETY: the string lives for the length of the call.
        unsafe unlink(path)
        _ = consume socket
    }

    /// A request that was read, and the connection to answer on.
    private final class Pending: Sendable {
        let request: Result<ControlRequest, ControlProblem>
        let descriptor: Int32

        init(_ request: Result<ControlRequest, ControlProblem>, on descriptor: Int32) {
            self.request = request
            self.descriptor = descriptor
        }

        deinit {
            close(descriptor)
        }
    }

    /// Counts the answers that take long and are being made.
    private final class SlowAnswers: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Answers in order, and what takes long beside it: nobody who wants a VM let go waits for an audit.
    private func reply(to requests: AsyncStream<Pending>) async {
        let slow = SlowAnswers()
        await withDiscardingTaskGroup { group in
            for await pending in requests {
                guard case .success(let request) = pending.request, request.kind.isSlow else {
                    await reply(to: pending)
                    continue
                }
                guard slow.count.load(ordering: .relaxed) < Self.mostSlow else {
                    send(
                        ControlProblem(error: "'\(request.kind.rawValue)' is being answered already").json,
                        to: pending
                    )
                    continue
                }
                slow.count.add(1, ordering: .relaxed)
                group.addTask {
                    await reply(to: pending)
                    slow.count.subtract(1, ordering: .relaxed)
                }
            }
        }
    }

    private func reply(to pending: Pending) async {
        let body: Data
        switch pending.request {
        case .success(let request) where request.kind == .record && record != nil:
            await record?(request, ControlStream(UnixSocket(adopting: dup(pending.descriptor))))
            return
        case .success(let request): body = await answer(request)
        case .failure(let problem): body = problem.json
        }
        send(body, to: pending)
    }

    private func send(_ body: Data, to pending: Pending) {
        let socket = UnixSocket(adopting: dup(pending.descriptor))
        socket.write([UInt8](body) + [UInt8(ascii: "\n")])
    }

    private static func accept(on listening: Int32, into incoming: AsyncStream<Pending>.Continuation) {
        defer { incoming.finish() }
        while true {
            let accepted = Glibc.accept(listening, nil, nil)
            if accepted < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS {
                    usleep(100_000)
                    continue
                }
                return
            }
            _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
            let socket = UnixSocket(adopting: accepted)
            socket.limitWaiting(milliseconds: patience)
            let request = read(from: socket)
            incoming.yield(Pending(request, on: socket.release()))
        }
    }

    private static func read(from socket: borrowing UnixSocket) -> Result<ControlRequest, ControlProblem> {
        guard let peer = socket.peerUser else { return .failure(ControlProblem(error: "who asks cannot be told")) }
        guard let line = socket.readLine(limit: longestRequest) else {
            return .failure(ControlProblem(error: "no request of at most \(longestRequest) bytes in time"))
        }
        guard let request = try? JSONDecoder().decode(ControlRequest.self, from: Data(line)) else {
            let known = ControlRequest.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            return .failure(ControlProblem(error: "not a request; known kinds: \(known)"))
        }
        guard !request.kind.changes || peer == 0 || peer == geteuid() else {
            return .failure(ControlProblem(error: "'\(request.kind.rawValue)' is for root alone"))
        }
        return .success(request)
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
