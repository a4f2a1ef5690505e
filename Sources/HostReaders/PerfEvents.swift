internal import CKernel

/// The three events that a group counts (`perf_event_open(2)`).
public struct PerfEvents: Equatable, Sendable {
    /// One event: a type and its configuration.
    public struct Event: Equatable, Sendable {
        /// The type, such as `PERF_TYPE_HARDWARE`.
        public var type: UInt32
        /// The event of that type.
        public var config: UInt64

        /// Names an event.
        ///
        /// - Parameters:
        ///   - type: The type.
        ///   - config: The event of that type.
        public init(type: UInt32, config: UInt64) {
            self.type = type
            self.config = config
        }
    }

    /// What leads the group: cycles.
    public var cycles: Event
    /// Instructions retired.
    public var instructions: Event
    /// Misses of the last-level cache.
    public var misses: Event

    /// The events of the CPU's own counters.
    public static let hardware = PerfEvents(
        cycles: .hardware(UInt64(PERF_COUNT_HW_CPU_CYCLES.rawValue)),
        instructions: .hardware(UInt64(PERF_COUNT_HW_INSTRUCTIONS.rawValue)),
        misses: .hardware(UInt64(PERF_COUNT_HW_CACHE_MISSES.rawValue))
    )

    /// Whether the CPU's own counters are there for the host to use.
    ///
    /// - Parameter roots: Where sysfs is.
    /// - Returns: Whether they are.
    public static func hasCounters(_ roots: HostRoots) -> Bool {
        HostDirectory.names(in: roots.sys + "/bus/event_source/devices").contains { name in
            name == "cpu" || name.hasPrefix("cpu_") || name.hasPrefix("armv8_")
        }
    }

    /// Events that the kernel counts itself, for hosts without counters and for tests: time on the CPU twice, in
    /// nanoseconds, and page faults.
    public static let software = PerfEvents(
        cycles: .software(UInt64(PERF_COUNT_SW_CPU_CLOCK.rawValue)),
        instructions: .software(UInt64(PERF_COUNT_SW_TASK_CLOCK.rawValue)),
        misses: .software(UInt64(PERF_COUNT_SW_PAGE_FAULTS.rawValue))
    )
}

extension PerfEvents.Event {
    /// An event of the CPU's own counters.
    static func hardware(_ config: UInt64) -> Self { Self(type: UInt32(PERF_TYPE_HARDWARE.rawValue), config: config) }
    /// An event that the kernel counts.
    static func software(_ config: UInt64) -> Self { Self(type: UInt32(PERF_TYPE_SOFTWARE.rawValue), config: config) }
}
