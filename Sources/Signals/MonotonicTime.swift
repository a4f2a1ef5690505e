/// A moment on the host's monotonic clock that counts suspend too (`CLOCK_BOOTTIME`), in nanoseconds since boot.
///
/// Every part of Quell takes time as a value of this type; only the runtime reads the clock.
public struct MonotonicTime: Hashable, Comparable, Sendable, Codable {
    /// Nanoseconds since boot.
    public let nanoseconds: UInt64

    /// A moment the given number of nanoseconds after boot.
    ///
    /// - Parameter nanoseconds: Nanoseconds since boot.
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// A moment the given number of seconds after boot; negative counts as 0.
    ///
    /// - Parameter seconds: Seconds since boot.
    public init(seconds: Double) {
        self.nanoseconds = UInt64(max(0, seconds) * 1e9)
    }

    /// Seconds since boot.
    public var seconds: Double { Double(nanoseconds) / 1e9 }

    /// Seconds from `earlier` to this moment; negative when `earlier` is later.
    ///
    /// - Parameter earlier: The moment to count from.
    /// - Returns: The seconds between.
    public func seconds(since earlier: MonotonicTime) -> Double {
        nanoseconds >= earlier.nanoseconds
            ? Double(nanoseconds - earlier.nanoseconds) / 1e9
            : -Double(earlier.nanoseconds - nanoseconds) / 1e9
    }

    /// The moment the given number of seconds later, or earlier where negative, never before boot.
    ///
    /// - Parameter seconds: The seconds to go on.
    /// - Returns: The moment reached.
    public func advanced(bySeconds seconds: Double) -> MonotonicTime {
        let delta = UInt64(abs(seconds) * 1e9)
        if seconds >= 0 { return MonotonicTime(nanoseconds: nanoseconds &+ delta) }
        return MonotonicTime(nanoseconds: nanoseconds > delta ? nanoseconds - delta : 0)
    }

    /// Orders moments by time.
    ///
    /// - Parameters:
    ///   - left: A moment.
    ///   - right: Another moment.
    /// - Returns: Whether `left` is earlier.
    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
