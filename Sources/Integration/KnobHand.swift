import Enforcement
import Foundation
import HostReaders
import Libvirt
import QuellRuntime
import Signals

/// Quell's own hand: knobs of real guests are read and set through ``QuellRuntime/LibvirtActuator`` and nothing else.
struct KnobHand {
    private let actuator: LibvirtActuator

    /// Connects to a bed's libvirtd.
    ///
    /// - Parameter bed: The bed.
    /// - Throws: ``BedError`` where it does not answer.
    init(on bed: Bed) throws(BedError) {
        let connection = LibvirtConnection(uri: bed.uri, deadline: .seconds(10), watchesDomains: false)
        let failure = try Blocking.call("connecting to \(bed.uri)") { () -> String? in
            do {
                try await connection.connect()
                return nil
            } catch {
                return "\(error)"
            }
        }
        if let failure { throw .missing("no connection to \(bed.uri): \(failure)") }
        actuator = LibvirtActuator(connection: connection, roots: HostRoots())
    }

    /// The start of a guest that runs now.
    ///
    /// - Parameter guest: The guest.
    /// - Returns: Its UUID and the start time of its process.
    /// - Throws: ``BedError/missing(_:)`` where it is gone.
    static func identity(of guest: Guest) throws(BedError) -> VMIdentity {
        // The fields after the name, which stands in parentheses and may hold anything.
        let fields = (Files.text("/proc/\(guest.pid)/stat") ?? "").split(separator: ")").last?.split(separator: " ")
        guard let fields, fields.count > 19, let start = UInt64(fields[19]), let uuid = VMUUID(guest.uuid) else {
            throw .missing("\(guest.name) does not run")
        }
        return VMIdentity(uuid: uuid, generation: start)
    }

    /// Reads a knob.
    ///
    /// - Parameters:
    ///   - knob: The knob.
    ///   - guest: The guest.
    /// - Returns: What it is set to.
    /// - Throws: ``BedError/failed(command:status:errors:)`` where Quell could not.
    func read(_ knob: Knob, of guest: Guest) throws(BedError) -> Setting {
        let actuator = actuator
        let vm = try Self.identity(of: guest)
        return try Self.value("read \(knob)") { () async throws(ActuatorError) in try await actuator.read(knob, of: vm)
        }
    }

    /// Sets a knob.
    ///
    /// - Parameters:
    ///   - knob: The knob.
    ///   - setting: What it is to be set to.
    ///   - guest: The guest.
    /// - Throws: ``BedError/failed(command:status:errors:)`` where Quell could not.
    func set(_ knob: Knob, to setting: Setting, of guest: Guest) throws(BedError) {
        if let error = try refusal(knob, of: guest, setting) {
            throw .failed(command: "set \(knob)", status: 1, errors: error.description)
        }
    }

    /// Tries to set a knob, or to read it.
    ///
    /// - Parameters:
    ///   - knob: The knob.
    ///   - guest: The guest.
    ///   - setting: What it is to be set to; it is read where `nil`.
    /// - Returns: Why Quell could not; `nil` where it could.
    /// - Throws: ``BedError`` where it did not answer.
    func refusal(_ knob: Knob, of guest: Guest, _ setting: Setting? = nil) throws(BedError) -> ActuatorError? {
        let actuator = actuator
        let vm = try Self.identity(of: guest)
        let outcome = try Self.outcome("set \(knob)") { () async throws(ActuatorError) in
            if let setting {
                try await actuator.set(knob, to: setting, of: vm)
            } else {
                _ = try await actuator.read(knob, of: vm)
            }
        }
        switch outcome {
        case .success: return nil
        case .failure(let error): return error
        }
    }

    /// What a guest is made of.
    ///
    /// - Parameter guest: The guest.
    /// - Returns: Its parts.
    /// - Throws: ``BedError`` where Quell could not tell.
    func parts(of guest: Guest) throws(BedError) -> VMParts {
        let actuator = actuator
        let vm = try Self.identity(of: guest)
        return try Self.value("parts") { () async throws(ActuatorError) in try await actuator.parts(of: vm) }
    }

    /// The mark that a guest carries; `nil` for none.
    ///
    /// - Parameter guest: The guest.
    /// - Returns: The text of the mark.
    /// - Throws: ``BedError`` where Quell could not tell.
    func mark(of guest: Guest) throws(BedError) -> String? {
        let actuator = actuator
        let vm = try Self.identity(of: guest)
        return try Self.value("mark") { () async throws(ActuatorError) in try await actuator.mark(of: vm) }
    }

    /// Marks a guest, or takes the mark off.
    ///
    /// - Parameters:
    ///   - text: The text of the mark; `nil` to take it off.
    ///   - guest: The guest.
    /// - Throws: ``BedError`` where Quell could not.
    func setMark(_ text: String?, of guest: Guest) throws(BedError) {
        let actuator = actuator
        let vm = try Self.identity(of: guest)
        try Self.value("set mark") { () async throws(ActuatorError) in try await actuator.setMark(text, of: vm) }
    }

    private static func value<Value: Sendable>(
        _ what: String,
        _ call: @escaping @Sendable () async throws(ActuatorError) -> Value
    ) throws(BedError) -> Value {
        switch try outcome(what, call) {
        case .success(let value): return value
        case .failure(let error): throw .failed(command: what, status: 1, errors: error.description)
        }
    }

    private static func outcome<Value: Sendable>(
        _ what: String,
        _ call: @escaping @Sendable () async throws(ActuatorError) -> Value
    ) throws(BedError) -> Result<Value, ActuatorError> {
        try Blocking.call(what) { () -> Result<Value, ActuatorError> in
            do throws(ActuatorError) {
                return .success(try await call())
            } catch {
                return .failure(error)
            }
        }
    }
}
