import Signals
import Testing

@testable import Policy

@Suite("Maintenance windows: the calendar")
struct LadderCalendarTests {
    private static let minute: Int64 = 60_000_000_000
    private static let day = WeekMinute.dayLength

    /// A moment of the week that began on Monday, 5 January 1970.
    private func wall(day: Int, minute: Int, nanoseconds: Int64 = 0) -> Int64 {
        Int64(4 + day) * Self.day + Int64(minute) * Self.minute + nanoseconds
    }

    private func window(_ from: Int, _ to: Int, days: Set<MaintenanceWindow.Day>? = nil) -> MaintenanceWindow {
        var window = MaintenanceWindow(name: "w", from: from, to: to, effect: .observe)
        if let days { window.days = days }
        return window
    }

    @Test("Known days fall on the weekday that they had")
    func weekdays() {
        // 1970-01-01 Thursday, 2000-02-29 Tuesday, 2024-02-29 Thursday, 2026-12-01 Tuesday, 1969-12-31 Wednesday.
        for (seconds, weekday) in [
            (0, 3), (951_782_400, 1), (1_709_164_800, 3), (1_796_083_200, 1), (-86_400, 2), (-1, 2),
        ] as [(Int64, Int)] {
            #expect(WeekMinute(wall: seconds * 1_000_000_000).weekday == weekday, "\(seconds)")
        }
    }

    @Test("Moments before 1970 and the ends of what can be told have a minute of the day")
    func negative() {
        #expect(WeekMinute(wall: -1) == WeekMinute(wall: -Self.minute))
        #expect(WeekMinute(wall: -1).minute == 1_439)
        #expect(WeekMinute(wall: -Self.day).minute == 0)
        for wall in [Int64.min, .max] {
            let moment = WeekMinute(wall: wall)
            #expect((0..<7).contains(moment.weekday) && (0..<1_440).contains(moment.minute))
        }
        #expect(window(1_380, 1_440).isOpen(atWall: -1))
        #expect(!window(0, 1_380).isOpen(atWall: -1))
    }

    @Test("The first minute is within, the minute at which it ends is not, to the nanosecond")
    func boundaries() {
        let window = window(120, 180)
        #expect(!window.isOpen(atWall: wall(day: 0, minute: 120, nanoseconds: -1)))
        #expect(window.isOpen(atWall: wall(day: 0, minute: 120)))
        #expect(window.isOpen(atWall: wall(day: 0, minute: 180, nanoseconds: -1)))
        #expect(!window.isOpen(atWall: wall(day: 0, minute: 180)))
    }

    @Test("A window over midnight belongs to the day on which it begins")
    func midnight() {
        let window = window(1_380, 60, days: [.monday, .sunday])
        for (day, minute, isOpen) in [
            (0, 1_379, false), (0, 1_380, true), (1, 0, true), (1, 59, true), (1, 60, false), (1, 1_380, false),
            (2, 30, false), (6, 1_439, true), (0, 30, true), (0, 60, false),
        ] {
            #expect(window.isOpen(atWall: wall(day: day, minute: minute)) == isOpen, "\(day) \(minute)")
        }
    }

    @Test("A window whose end is its beginning lasts a day; from midnight to midnight is its day alone")
    func wholeDay() {
        let noon = window(720, 720, days: [.tuesday])
        #expect(!noon.isOpen(atWall: wall(day: 1, minute: 719)))
        #expect(noon.isOpen(atWall: wall(day: 1, minute: 720)) && noon.isOpen(atWall: wall(day: 2, minute: 719)))
        #expect(!noon.isOpen(atWall: wall(day: 2, minute: 720)))
        for end in [0, 1_440] {
            let whole = window(0, end, days: [.tuesday])
            #expect(!whole.isOpen(atWall: wall(day: 0, minute: 1_439)))
            #expect(whole.isOpen(atWall: wall(day: 1, minute: 0)) && whole.isOpen(atWall: wall(day: 1, minute: 1_439)))
            #expect(!whole.isOpen(atWall: wall(day: 2, minute: 0)))
        }
    }

    @Test("A window without days is never open")
    func noDays() {
        let window = window(0, 1_440, days: [])
        for day in 0..<7 { #expect(!window.isOpen(atWall: wall(day: day, minute: 720))) }
    }

    @Test("Every window is open for as many minutes of the week as it says, on every set of days")
    func minutes() {
        var random = SplitMix64(seed: 3)
        for _ in 0..<40 {
            let days = Set(MaintenanceWindow.Day.allCases.filter { _ in random.chance(0.5) })
            let (from, to) = (Int.random(in: 0...1_439, using: &random), Int.random(in: 0...1_440, using: &random))
            let window = window(from, to, days: days)
            var open = 0
            for day in 0..<7 {
                for minute in 0..<1_440 where window.isOpen(atWall: wall(day: day, minute: minute)) { open += 1 }
            }
            #expect(open == days.count * (to > from ? to - from : to - from + 1_440))
        }
    }

    @Test("A window is for those named, for those of a tenant or of a class named, and for all where nobody is")
    func covers() {
        let identity = VMIdentity(uuid: VMUUID(high: 0xa, low: 1), generation: 1)
        var record = VMRecord(identity: identity, name: "db", tenant: .known("acme"), workloadClass: "batch")
        func covers(_ change: (inout MaintenanceWindow) -> Void) -> Bool {
            var window = window(0, 1)
            change(&window)
            return window.covers(record)
        }
        #expect(covers { _ in })
        #expect(covers { $0.vms = ["db"] } && !covers { $0.vms = ["web"] })
        #expect(covers { $0.vms = ["00000000-0000-000a-0000-000000000001"] })
        #expect(covers { $0.vms = ["00000000-0000-000A-0000-000000000001"] })
        #expect(covers { $0.tenants = ["acme"] } && !covers { $0.tenants = ["other"] })
        #expect(covers { $0.classes = ["batch"] } && !covers { $0.classes = ["standard"] })
        #expect(
            covers {
                $0.tenants = ["other"]; $0.classes = ["batch"]
            }
        )
        record.tenant = .conflicting(["other", "acme"])
        #expect(covers { $0.tenants = ["acme"] })
        record.tenant = .unknown
        #expect(!covers { $0.tenants = ["acme"] })
    }
}
