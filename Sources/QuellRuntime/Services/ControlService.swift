import Reporting
import ServiceLifecycle

/// Answers at the control socket until the daemon stops.
struct ControlService: Service {
    /// What listens.
    let server: ControlServer

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await server.run() }
    }
}
