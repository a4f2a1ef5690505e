/// What the ladder was told beside a frame, from the frame that follows on.
public struct TraceCircumstances: Equatable, Sendable {
    /// Nanoseconds since 1970 at boot: the hour of a frame is so much more than its time; `nil` where not known.
    public var wallAtBoot: Int64?
    /// Whether the kill switch was thrown.
    public var isDisarmed: Bool

    /// Circumstances.
    ///
    /// - Parameters:
    ///   - wallAtBoot: Nanoseconds since 1970 at boot; `nil` where the hour is not known.
    ///   - isDisarmed: Whether the kill switch was thrown.
    public init(wallAtBoot: Int64? = nil, isDisarmed: Bool = false) {
        self.wallAtBoot = wallAtBoot
        self.isDisarmed = isDisarmed
    }

    /// Appends them as a record.
    func append(to bytes: inout [UInt8]) {
        let start = TraceFormat.open(.circumstances, in: &bytes)
        bytes.append((wallAtBoot == nil ? 0 : 1) | (isDisarmed ? 2 : 0))
        if let wallAtBoot { bytes.appendSigned(wallAtBoot) }
        TraceFormat.close(start, in: &bytes)
    }

    /// Reads the payload of a record.
    init(_ cursor: inout TraceCursor) throws(TraceProblem) {
        let flags = try cursor.byte()
        guard flags < 4 else { throw cursor.problem("circumstances of kind \(flags); 0 to 3 are accepted") }
        isDisarmed = flags & 2 != 0
        wallAtBoot = flags & 1 == 0 ? nil : try cursor.signed()
        guard cursor.left == 0 else { throw cursor.problem("\(cursor.left) bytes behind the circumstances") }
    }
}
