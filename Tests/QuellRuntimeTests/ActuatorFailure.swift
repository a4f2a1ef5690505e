import Enforcement

/// What a call of an actuator throws; `nil` where it goes well.
func failure<Value: Sendable>(
    _ call: () async throws(ActuatorError) -> Value
) async -> ActuatorError? {
    do throws(ActuatorError) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}
