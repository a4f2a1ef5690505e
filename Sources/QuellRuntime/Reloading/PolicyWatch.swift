import Foundation
import HostReaders
import Signals

/// Watches the places of threshold files and says when to read them again.
///
/// It tells of changes too many rather than too few: whoever reads the files sees whether they say anything else than before.
struct PolicyWatch: ~Copyable {
    /// What keeps places from being watched; empty where all are.
    private(set) var problems: [String] = []

    private let paths: [String]
    private let kernel: DirectoryWatch
    private var watched: [Int32: (directory: String, interest: WatchedPlaces.Interest)] = [:]
    private var settling = Settling()

    /// Watches from now on.
    ///
    /// - Parameters:
    ///   - paths: Threshold files and directories of them.
    ///   - now: The moment.
    /// - Throws: Why the kernel gives no watch.
    init(_ paths: [String], at now: MonotonicTime) throws(DirectoryWatchError) {
        kernel = try DirectoryWatch()
        self.paths = paths
        watchPlaces(at: now)
    }

    /// Takes in what happened.
    ///
    /// - Parameter now: The moment.
    /// - Returns: Whether the files are to be read now; the places are watched as they are by then.
    mutating func isDue(at now: MonotonicTime) -> Bool {
        let events = kernel.events()
        for event in events where counts(event) { settling.note(at: now) }
        for event in events where event.kind == .gone { watched[event.watch] = nil }
        guard settling.isDue(at: now) else { return false }
        watchPlaces(at: now)
        return true
    }

    /// Waits until something happens, for tests.
    func wait(milliseconds: Int32) -> Bool { kernel.wait(milliseconds: milliseconds) }

    /// Whether an event may be of threshold files.
    private func counts(_ event: DirectoryEvent) -> Bool {
        switch event.kind {
        case .lost: return true
        case .gone: return watched[event.watch] != nil
        case .changed, .left: return watched[event.watch]?.interest.includes(event.name) ?? false
        case .made:
            guard let place = watched[event.watch], place.interest.includes(event.name) else { return false }
            // A file that was just made is told again when whoever writes it closes it; a link is whole at once.
            return event.isDirectory || !Self.isSingleFile(place.directory + "/" + event.name)
        }
    }

    private static func isSingleFile(_ path: String) -> Bool {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return false }
        return attributes[.type] as? FileAttributeType == .typeRegular && attributes[.referenceCount] as? Int == 1
    }

    /// Watches the places as they are now, and no others.
    private mutating func watchPlaces(at now: MonotonicTime) {
        let places = WatchedPlaces(paths)
        var wanted: [Int32: (directory: String, interest: WatchedPlaces.Interest)] = [:]
        problems = []
        if places.leftOut > 0 {
            problems.append("\(places.leftOut) directories beyond the first \(WatchedPlaces.most)")
        }
        for (directory, interest) in places.directories.sorted(by: { $0.key < $1.key }) {
            switch kernel.watch(directory) {
            case .success(let number): wanted[number] = (directory, interest)
            // It went just now: it is looked again.
            case .failure(let error) where error.isAbsent: settling.note(at: now)
            case .failure(let error): problems.append("\(directory): \(error)")
            }
        }
        for number in watched.keys where wanted[number] == nil { kernel.forget(number) }
        watched = wanted
    }
}
