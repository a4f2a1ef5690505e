/// Who a VM is: its libvirt UUID and which start of it this is.
///
/// A name or a domain id is never an identity. A VM that stops and starts again has a new generation, so that its
/// counters, its baselines and its leases are never mixed with those of the start before.
public struct VMIdentity: Hashable, Sendable, Codable {
    /// The domain's UUID.
    public let uuid: VMUUID
    /// The start time of the QEMU process in clock ticks since boot (field 22 of `/proc/<pid>/stat`, `proc(5)`).
    public let generation: UInt64

    /// Joins a UUID and a start generation.
    ///
    /// - Parameters:
    ///   - uuid: The domain's UUID.
    ///   - generation: The start time of the QEMU process in clock ticks since boot.
    public init(uuid: VMUUID, generation: UInt64) {
        self.uuid = uuid
        self.generation = generation
    }
}

/// The row of a VM in a ``Frame``: stable for as long as the VM lives, used again after it is gone.
public struct VMSlot: Hashable, Comparable, Sendable {
    /// The row, from 0.
    public let index: Int

    /// Names a row.
    ///
    /// - Parameter index: The row, from 0.
    public init(_ index: Int) {
        self.index = index
    }

    /// Orders slots by row.
    ///
    /// - Parameters:
    ///   - left: A slot.
    ///   - right: Another slot.
    /// - Returns: Whether `left` is the lower row.
    public static func < (left: VMSlot, right: VMSlot) -> Bool { left.index < right.index }
}
