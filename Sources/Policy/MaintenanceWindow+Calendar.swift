public import Signals

/// A minute of the week in UTC.
///
/// Every day has 86,400 seconds, as the clock of Unix has it: leap seconds are not counted. Moments before 1970 have
/// their place too.
struct WeekMinute: Equatable, Sendable {
    /// Nanoseconds of a day.
    static let dayLength: Int64 = 86_400_000_000_000
    /// Nanoseconds of a minute.
    static let minuteLength: Int64 = 60_000_000_000

    /// The day of the week, from 0 for Monday to 6.
    var weekday: Int
    /// The minute of the day, 0 to 1,439.
    var minute: Int

    /// The minute that a moment is in.
    ///
    /// - Parameter wall: Nanoseconds since 1970 on the wall clock; may be negative.
    init(wall: Int64) {
        var days = wall / Self.dayLength
        var rest = wall % Self.dayLength
        if rest < 0 {
            rest += Self.dayLength
            days -= 1
        }
        // 1970 began on a Thursday.
        let weekday = Int((days + 3) % 7)
        self.weekday = weekday < 0 ? weekday + 7 : weekday
        minute = Int(rest / Self.minuteLength)
    }
}

extension MaintenanceWindow {
    /// Whether it is open at a moment: its first minute is within, the minute at which it ends is not.
    ///
    /// A window that ends at or before the minute at which it begins goes on into the next day, though that is none of
    /// its days.
    ///
    /// - Parameter wall: Nanoseconds since 1970 on the wall clock.
    /// - Returns: Whether it is.
    public func isOpen(atWall wall: Int64) -> Bool { isOpen(at: WeekMinute(wall: wall)) }

    /// Whether it is open in a minute of the week.
    func isOpen(at moment: WeekMinute) -> Bool {
        func begins(on weekday: Int) -> Bool { days.contains(Day.allCases[weekday]) }
        if to > from { return begins(on: moment.weekday) && moment.minute >= from && moment.minute < to }
        if moment.minute >= from { return begins(on: moment.weekday) }
        return moment.minute < to && begins(on: (moment.weekday + 6) % 7)
    }

    /// Whether it is for a VM: one of those named, of a tenant named or of a class named; all where none is.
    ///
    /// A VM that several tenants claim is of each of them.
    ///
    /// - Parameter record: The VM.
    /// - Returns: Whether it is.
    public func covers(_ record: VMRecord) -> Bool {
        if vms.isEmpty, tenants.isEmpty, classes.isEmpty { return true }
        if classes.contains(record.workloadClass) || vms.contains(record.name) { return true }
        if vms.contains(where: { VMUUID($0) == record.identity.uuid }) { return true }
        switch record.tenant {
        case .known(let name): return tenants.contains(name)
        case .conflicting(let names): return !tenants.isDisjoint(with: names)
        case .unknown: return false
        }
    }
}

extension PolicySet {
    /// The first window in which nothing new is done to a VM now; `nil` where there is none.
    ///
    /// Where the hour is not known every window that observes is taken for open, and none that lets go.
    ///
    /// - Parameters:
    ///   - record: The VM.
    ///   - wall: Nanoseconds since 1970 on the wall clock; `nil` where not known.
    /// - Returns: The window.
    func openWindow(for record: VMRecord, wall: Int64?) -> MaintenanceWindow? {
        windows.first { isOpen($0, wall: wall) && $0.covers(record) }
    }

    /// Whether a window is open now in which a VM is let go.
    ///
    /// - Parameters:
    ///   - record: The VM.
    ///   - wall: Nanoseconds since 1970 on the wall clock; `nil` where not known.
    /// - Returns: Whether one is.
    func mustLetGo(_ record: VMRecord, wall: Int64?) -> Bool {
        windows.contains { $0.effect == .release && isOpen($0, wall: wall) && $0.covers(record) }
    }

    private func isOpen(_ window: MaintenanceWindow, wall: Int64?) -> Bool {
        guard let wall else { return window.effect == .observe }
        return window.isOpen(atWall: wall)
    }
}
