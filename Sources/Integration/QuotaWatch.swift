import Foundation

/// Keeps an eye on every guest's quota, straight from the kernel's files, and notes the first change of each.
struct QuotaWatch {
    private let guests: [Guest]
    private let first: [[VCPU.Quota?]]
    private let start = Moment.now
    /// When each guest was first seen with another quota, in seconds since the watch began; in the order of the guests.
    private(set) var changes: [Double?]

    /// Notes what is in force now.
    ///
    /// - Parameter guests: The guests.
    init(_ guests: [Guest]) {
        self.guests = guests
        first = guests.map { $0.vcpus.map(\.quota) }
        changes = guests.map { _ in nil }
    }

    /// Looks once at all of them.
    mutating func look() {
        for index in guests.indices where changes[index] == nil && !isAsAtFirst(index) {
            changes[index] = start.age
        }
    }

    /// Looks again and again until time is up.
    ///
    /// - Parameters:
    ///   - limit: The longest wait in seconds.
    ///   - condition: Ends the watch as soon as it holds.
    /// - Returns: Whether it held in time.
    /// - Throws: ``BedError/interrupted``.
    @discardableResult
    mutating func look(limit: Double, until condition: (QuotaWatch) -> Bool) throws(BedError) -> Bool {
        let begin = Moment.now
        while true {
            look()
            if condition(self) { return true }
            if begin.age >= limit { return false }
            try Wait.seconds(0.02)
        }
    }

    /// Whether a guest has what it had at first.
    ///
    /// - Parameter guest: The guest.
    /// - Returns: Whether all of its vCPUs do.
    func isAsAtFirst(_ guest: Guest) -> Bool {
        guests.firstIndex { $0 === guest }.map { isAsAtFirst($0) } ?? false
    }

    /// When a guest was first seen with another quota.
    ///
    /// - Parameter guest: The guest.
    /// - Returns: Seconds since the watch began, or `nil`.
    func change(of guest: Guest) -> Double? {
        guests.firstIndex { $0 === guest }.flatMap { changes[$0] }
    }

    private func isAsAtFirst(_ index: Int) -> Bool {
        // A cgroup that is gone counts as changed: a guest does not go by itself.
        guests[index].vcpus.map(\.quota) == first[index]
    }
}
