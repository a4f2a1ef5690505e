import Foundation
import Signals
import Testing

@testable import QuellRuntime

@Suite("Changes of threshold files")
struct PolicyWatchTests {
    /// A directory of its own with `thresholds.d` in it, and a watch of that.
    private final class Bed {
        let root: String
        var directory: String { root + "/etc/thresholds.d" }
        private var watch: PolicyWatch
        private var now = 100.0

        init(_ paths: [String] = [], prepare: (String) throws -> Void = { _ in }) throws {
            let place = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            root = place.appendingPathComponent(UUID().uuidString).path
            try FileManager.default.createDirectory(
                atPath: root + "/etc/thresholds.d",
                withIntermediateDirectories: true
            )
            try prepare(root)
            let root = root
            let named = paths.isEmpty ? [root + "/etc/thresholds.d"] : paths.map { root + "/" + $0 }
            watch = try PolicyWatch(named, at: MonotonicTime(seconds: 100))
        }

        deinit { try? FileManager.default.removeItem(atPath: root) }

        /// Whether the files are to be read within a second from now.
        func isDue() -> Bool {
            var due = false
            for _ in 0..<4 {
                now += 0.25
                due = watch.isDue(at: MonotonicTime(seconds: now)) || due
            }
            return due
        }

        /// Whether the kernel has something to tell.
        var hasNews: Bool { watch.wait(milliseconds: 0) }

        /// What cannot be watched.
        var problems: [String] { watch.problems }

        func write(_ text: String, _ path: String) throws {
            try text.write(toFile: root + "/" + path, atomically: false, encoding: .utf8)
        }

        func move(_ from: String, _ to: String) throws {
            // As rename(2): what is there gives way.
            // SAFETY: both paths are NUL-terminated copies that outlive the call.
            let result = unsafe rename(root + "/" + from, root + "/" + to)
            #expect(result == 0)
        }

        func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + "/" + path) }

        func makeDirectory(_ path: String) throws {
            try FileManager.default.createDirectory(atPath: root + "/" + path, withIntermediateDirectories: true)
        }

        func link(_ path: String, to target: String) throws {
            try FileManager.default.createSymbolicLink(atPath: root + "/" + path, withDestinationPath: target)
        }
    }

    @Test("Nothing happens: nothing is read")
    func nothing() throws {
        let bed = try Bed()
        #expect(!bed.isDue() && !bed.hasNews && bed.problems.isEmpty)
    }

    @Test("A file that is written, overwritten, replaced by a rename or removed is told once each")
    func writes() throws {
        let bed = try Bed()
        try bed.write("a", "etc/thresholds.d/50-site.yaml")
        #expect(bed.hasNews)
        #expect(bed.isDue())
        #expect(!bed.isDue())
        try bed.write("b", "etc/thresholds.d/50-site.yaml")
        #expect(bed.isDue())
        try bed.write("c", "etc/.50-site.yaml.tmp")
        #expect(!bed.isDue())
        try bed.move("etc/.50-site.yaml.tmp", "etc/thresholds.d/50-site.yaml")
        #expect(bed.isDue())
        try bed.remove("etc/thresholds.d/50-site.yaml")
        #expect(bed.isDue())
        #expect(!bed.isDue())
    }

    @Test("A file that is still open for writing is not read; once it is closed it is")
    func unfinished() throws {
        let bed = try Bed()
        let path = bed.directory + "/50-site.yaml"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(bed.isDue())
        try bed.remove("etc/thresholds.d/50-site.yaml")
        #expect(bed.isDue())
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        let made = unsafe open(path, O_CREAT | O_WRONLY, 0o644)
        #expect(made >= 0)
        #expect(!bed.isDue())
        let handle = FileHandle(fileDescriptor: made, closeOnDealloc: true)
        try handle.write(contentsOf: Data("mode".utf8))
        #expect(!bed.isDue())
        try handle.close()
        #expect(bed.isDue())
    }

    @Test("A link to a file counts when it is made, and so does what is changed where it leads")
    func links() throws {
        let bed = try Bed { root in
            try FileManager.default.createDirectory(atPath: root + "/share", withIntermediateDirectories: true)
            try "a".write(toFile: root + "/share/gpu.yaml", atomically: false, encoding: .utf8)
        }
        try bed.write("b", "share/gpu.yaml")
        #expect(!bed.isDue())
        try bed.link("etc/thresholds.d/20-gpu.yaml", to: "../../share/gpu.yaml")
        #expect(bed.isDue())
        try bed.write("c", "share/gpu.yaml")
        #expect(bed.isDue())
        try bed.write("d", "share/other.yaml")
        #expect(!bed.isDue())
        try bed.remove("etc/thresholds.d/20-gpu.yaml")
        #expect(bed.isDue())
        try bed.write("e", "share/gpu.yaml")
        #expect(!bed.isDue())
    }

    @Test("A directory that is a link to another is followed when the link is turned")
    func turnedLink() throws {
        let bed = try Bed(["etc/current"]) { root in
            for name in ["one", "two"] {
                try FileManager.default.createDirectory(atPath: root + "/" + name, withIntermediateDirectories: true)
            }
            try FileManager.default.createSymbolicLink(atPath: root + "/etc/current", withDestinationPath: "../one")
        }
        try bed.write("a", "one/a.yaml")
        #expect(bed.isDue())
        try bed.link("etc/new", to: "../two")
        #expect(!bed.isDue())
        try bed.move("etc/new", "etc/current")
        #expect(bed.isDue())
        try bed.write("a", "two/a.yaml")
        #expect(bed.isDue())
        try bed.write("b", "one/a.yaml")
        #expect(!bed.isDue())
    }

    @Test("A directory that goes away and comes back is watched again, its parent's too")
    func comesBack() throws {
        let bed = try Bed()
        try bed.move("etc/thresholds.d", "etc/thresholds.old")
        #expect(bed.isDue())
        try bed.write("x", "etc/thresholds.old/a.yaml")
        #expect(!bed.isDue())
        try bed.makeDirectory("etc/thresholds.d")
        #expect(bed.isDue())
        try bed.write("a", "etc/thresholds.d/a.yaml")
        #expect(bed.isDue())
        try bed.remove("etc")
        #expect(bed.isDue())
        try bed.makeDirectory("etc/other")
        #expect(bed.isDue())
        try bed.makeDirectory("etc/thresholds.d")
        #expect(bed.isDue())
        try bed.write("b", "etc/thresholds.d/a.yaml")
        #expect(bed.isDue())
    }

    @Test("Of a directory that holds more than the named file only that file counts")
    func namedFile() throws {
        let bed = try Bed(["etc/site.yaml"])
        try bed.write("a", "etc/other.yaml")
        try bed.write("a", "etc/thresholds.d/a.yaml")
        #expect(!bed.isDue())
        try bed.write("a", "etc/site.yaml")
        #expect(bed.isDue())
        try bed.remove("etc/site.yaml")
        #expect(bed.isDue())
        try bed.write("b", "etc/site.yaml")
        #expect(bed.isDue())
    }

    @Test("A name that two paths share is watched for both")
    func places() throws {
        let bed = try Bed()
        try bed.write("a", "etc/site.yaml")
        try bed.write("a", "etc/more.yaml")
        let places = WatchedPlaces([bed.root + "/etc/site.yaml", bed.directory, bed.root + "/etc/more.yaml"])
        #expect(
            places.directories == [
                bed.root + "/etc": .names(["site.yaml", "more.yaml", "thresholds.d"]), bed.directory: .everything,
            ]
        )
    }

    @Test("Beyond 64 directories none is watched, and that is told")
    func tooMany() throws {
        let bed = try Bed()
        let paths = (0..<100).map { bed.root + "/d\($0)" }
        for path in paths { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        let places = WatchedPlaces(paths)
        #expect(places.directories.count == 64 && places.leftOut == 37)
        let watch = try PolicyWatch(paths, at: MonotonicTime(seconds: 0))
        let problems = watch.problems
        #expect(problems.count == 1 && problems[0].contains("37"))
    }

    @Test("A link that leads to itself ends")
    func endlessLink() throws {
        let bed = try Bed()
        try bed.link("etc/thresholds.d/a.yaml", to: "a.yaml")
        #expect(WatchedPlaces([bed.directory]).directories[bed.directory] == .everything)
    }
}

@Suite("Settling of changes")
struct SettlingTests {
    /// When it is due, of the times at which it is looked.
    private func due(changes: [Double], looks: [Double]) -> [Double] {
        var settling = Settling()
        let moments = changes.map { ($0, true) } + looks.map { ($0, false) }
        return moments.sorted { ($0.0, $0.1 ? 0 : 1) < ($1.0, $1.1 ? 0 : 1) }.compactMap { second, isChange in
            let now = MonotonicTime(seconds: 1_000 + second)
            if isChange { settling.note(at: now) }
            return !isChange && settling.isDue(at: now) ? second : nil
        }
    }

    @Test("Half a second of rest is waited for, and then it is due once")
    func quiet() {
        #expect(due(changes: [], looks: [0, 10]) == [])
        #expect(due(changes: [0], looks: [0.25, 0.49, 0.5, 0.75, 10]) == [0.5])
        #expect(due(changes: [0, 0.4], looks: [0.49, 0.89, 0.9, 1.5]) == [0.9])
        #expect(due(changes: [0, 2], looks: [0.5, 1, 2.25, 2.5, 3]) == [0.5, 2.5])
    }

    @Test("Changes without rest are looked at every five seconds")
    func restless() {
        let beats = (0..<80).map { Double($0) / 4 }
        #expect(due(changes: beats, looks: beats) == [5, 10.25, 15.5])
    }
}
