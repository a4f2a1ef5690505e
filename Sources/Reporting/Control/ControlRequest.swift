import Foundation

/// What may be asked of a running daemon: one request a connection, as one line of JSON.
public struct ControlRequest: Codable, Equatable, Sendable {
    /// What is asked.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// How the daemon is.
        case status
        /// Every VM with its latest readings.
        case vms
        /// The daemon, the host, every VM with some of its latest readings, and who is held.
        case top
        /// The leases in force.
        case leases
        /// Why one VM is hurt, blamed, held or left alone.
        case explain
        /// What the daemon can observe and enforce, and why not the rest.
        case doctor
        /// Let one VM go, or all where none is named.
        case release
        /// Hold one VM back, as a person wants it.
        case hold
        /// Let everybody go, and hold nobody until it is taken back.
        case disarm
        /// Take that back.
        case arm
        /// Every frame from now on, as a trace, for as long as the client listens.
        case record
        /// What the tenants of this host should know before there is trouble.
        case audit
    }

    /// What is asked.
    public var kind: Kind
    /// The VM, by UUID text or name, where one is meant.
    public var vm: String?
    /// How far a VM is to be held back, as policies write it: `35%`, `quarantine`, `suspend`.
    public var step: String?
    /// What a VM is to be held back over, as policies write it; the CPU where it is left out.
    public var over: String?
    /// Seconds for which a VM is to be held back.
    public var seconds: Double?
    /// Why a person wants it.
    public var reason: String?
    /// The VMs that alone are recorded, by UUID text or name; `nil` or empty for all.
    public var vms: [String]?
    /// The signals that are shown, by name.
    public var signals: [String]?
    /// The most bytes of a file of the trace.
    public var fileLimit: Int?
    /// Who wants it, as they are called on this host: told by the kernel, never by the request's text.
    public var who: String?
    /// The user id of whoever asks: told by the kernel, never by the request's text.
    public var user: UInt32?

    /// What a request's text may say.
    private enum CodingKeys: String, CodingKey {
        case kind, vm, step, over, seconds, reason, vms, signals, fileLimit
    }

    /// A request.
    ///
    /// - Parameters:
    ///   - kind: What is asked.
    ///   - vm: The VM, by UUID text or name, where one is meant.
    public init(_ kind: Kind, vm: String? = nil) {
        self.kind = kind
        self.vm = vm
    }

    /// Reads a request.
    ///
    /// - Parameter line: The client's line, without its newline.
    /// - Throws: What would be accepted, where it is none.
    public init(line: [UInt8]) throws(ControlProblem) {
        do {
            self = try JSONDecoder().decode(ControlRequest.self, from: Data(line))
        } catch {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlProblem(error: "not a request; known kinds: \(known)")
        }
        // Who asks is for the kernel to say.
        who = nil
        user = nil
    }
}

extension ControlRequest.Kind {
    /// Whether it changes anything; only root and the daemon's own user may ask that.
    public var changes: Bool {
        switch self {
        case .status, .vms, .top, .leases, .explain, .doctor, .audit, .record: false
        case .release, .hold, .disarm, .arm: true
        }
    }

    /// Whether the answer may take long, so that others must not wait for it.
    public var isSlow: Bool {
        switch self {
        case .status, .vms, .top, .leases, .explain, .doctor, .release, .hold, .disarm, .arm, .record: false
        case .audit: true
        }
    }
}
