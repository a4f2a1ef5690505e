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

    /// A moment the given number of seconds after boot; negative and not a number count as 0.
    ///
    /// - Parameter seconds: Seconds since boot.
    public init(seconds: Double) {
        self.nanoseconds = Self.nanoseconds(in: seconds)
    }

    /// The nanoseconds in a number of seconds, from 0 up to the greatest that there is.
    private static func nanoseconds(in seconds: Double) -> UInt64 {
        guard seconds > 0 else { return 0 }
        return UInt64(exactly: (seconds * 1e9).rounded()) ?? .max
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
        let delta = Self.nanoseconds(in: abs(seconds))
        if seconds >= 0 {
            let (sum, overflow) = nanoseconds.addingReportingOverflow(delta)
            return MonotonicTime(nanoseconds: overflow ? .max : sum)
        }
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
