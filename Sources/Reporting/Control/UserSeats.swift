import Synchronization

/// Places that users take and give back: so many for all, so many for each.
///
/// Root's places are its own, so that nobody can keep it out.
public final class UserSeats: Sendable {
    /// A place taken, given back when it goes away.
    public final class Seat: Sendable {
        private let seats: UserSeats
        private let user: UInt32

        fileprivate init(_ user: UInt32, of seats: UserSeats) {
            self.user = user
            self.seats = seats
        }

        deinit {
            seats.leave(user)
        }
    }

    private let most: Int
    private let mostOfOne: Int
    private let mostOfRoot: Int
    private let taken = Mutex<[UInt32: Int]>([:])

    /// Places, all free.
    ///
    /// - Parameters:
    ///   - most: For all users but root together.
    ///   - mostOfOne: For each user but root.
    ///   - mostOfRoot: For root.
    public init(_ most: Int, each mostOfOne: Int, root mostOfRoot: Int) {
        self.most = most
        self.mostOfOne = mostOfOne
        self.mostOfRoot = mostOfRoot
    }

    /// Takes a place.
    ///
    /// - Parameter user: The user's id.
    /// - Returns: The place; `nil` where none is free for that user.
    public func take(_ user: UInt32) -> Seat? {
        let isFree = taken.withLock { taken in
            let others = taken.reduce(0) { $1.key == 0 ? $0 : $0 + $1.value }
            let own = taken[user, default: 0]
            guard user == 0 ? own < mostOfRoot : own < mostOfOne && others < most else { return false }
            taken[user, default: 0] += 1
            return true
        }
        return isFree ? Seat(user, of: self) : nil
    }

    private func leave(_ user: UInt32) {
        taken.withLock { taken in
            taken[user, default: 0] -= 1
            if taken[user, default: 0] <= 0 { taken[user] = nil }
        }
    }
}
