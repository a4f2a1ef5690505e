import Foundation
import Reporting
import Signals
import Traces

/// Lets clients of the control socket record: each gets the trace as a stream, for as long as it listens.
final class RecordingDesk<Source: FrameSource>: Sendable {
    /// Recordings at a time of all but root, and of root, at most.
    static var most: Int { 4 }
    /// Recordings at a time of one user who is not root, at most.
    static var mostOfOne: Int { 2 }
    /// How long a client may take to take what is sent to it, in milliseconds.
    static var patience: Int { 10_000 }

    private let monitor: Monitor<Source>
    private let period: Duration
    private let seats = UserSeats(
        RecordingDesk.most,
        each: RecordingDesk.mostOfOne,
        root: RecordingDesk.most
    )

    /// A desk.
    ///
    /// - Parameters:
    ///   - monitor: Whose frames are recorded.
    ///   - period: The time between its ticks.
    init(monitor: Monitor<Source>, period: Duration) {
        self.monitor = monitor
        self.period = period
    }

    /// Answers a request to record, and begins.
    ///
    /// - Parameters:
    ///   - request: What is to be recorded.
    ///   - stream: Where it goes.
    func serve(_ request: ControlRequest, on stream: ControlStream) async {
        guard let seat = seats.take(request.user ?? geteuid()) else {
            let problem = ControlProblem(
                error: "too many recordings are under way: retry after one has ended"
            )
            stream.write([UInt8](problem.json) + [0x0A])
            return
        }
        stream.limitWaiting(milliseconds: Self.patience)
        let wanted = Set((request.vms ?? []).map { VMUUID($0)?.description ?? $0 })
        let encoder = TraceEncoder(
            facts: RecordingFacts.now(period: period, vms: request.vms),
            fileLimit: request.fileLimit ?? .max
        ) { record in
            wanted.isEmpty || wanted.contains(record.name) || wanted.contains(record.identity.uuid.description)
        }
        let tap = TraceTap(encoder)
        let thread = Thread {
            tap.send(to: stream)
            withExtendedLifetime(seat) {}
        }
        thread.name = "quell-record"
        thread.stackSize = 512 << 10
        guard stream.write(Array(#"{"recording":true}"#.utf8) + [0x0A]) else { return }
        thread.start()
        await monitor.attach(tap)
    }
}

extension TraceTap {
    /// Sends what comes until the client is gone.
    fileprivate func send(to stream: ControlStream) {
        var bytes: [UInt8] = []
        while true {
            wait(atMost: 60)
            takeBytes(into: &bytes)
            if !bytes.isEmpty, !stream.write(bytes) { break }
        }
        close()
    }
}

/// What a trace says of the host that it is of.
enum RecordingFacts {
    /// The facts now.
    ///
    /// - Parameters:
    ///   - period: The time between ticks; `nil` where it is not known.
    ///   - vms: The VMs that alone are recorded; `nil` or empty for all.
    /// - Returns: The facts.
    static func now(period: Duration? = nil, vms: [String]? = nil) -> [TraceHeader.Fact] {
        var facts: [TraceHeader.Fact] = [
            .init("agent", "quell \(QuellVersion.text)"),
            .init("host", ProcessInfo.processInfo.hostName),
            .init("boot", HostClock.bootID),
            .init("started", Date().ISO8601Format()),
            .init("started_boot_ns", "\(HostClock.now().nanoseconds)"),
        ]
        if let period { facts.append(.init("period_s", "\(period / .seconds(1))")) }
        if let vms, !vms.isEmpty { facts.append(.init("only", vms.joined(separator: ","))) }
        return facts
    }
}
