import Foundation
import Glibc
import QuellRuntime
import Testing

@Suite("The kill switch")
struct KillSwitchTests {
    private func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path)
    }

    private let wall: Int64 = 1_777_669_440_000_000_000

    @Test("Without a file, and without a directory, it is not thrown, and taking it back changes nothing")
    func armed() throws {
        try inDirectory { directory in
            let killSwitch = KillSwitch(directory: directory)
            #expect(killSwitch.thrown == nil)
            try killSwitch.arm()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
            let nowhere = KillSwitch(directory: directory + "/none")
            #expect(nowhere.thrown == nil)
            try nowhere.arm()
        }
    }

    @Test("It stays thrown for everybody who looks, with who, when and why, until it is taken back")
    func thrown() throws {
        try inDirectory { directory in
            let line = try KillSwitch(directory: directory).disarm(by: "root", reason: "storage moves", wall: wall)
            #expect(line == "2026-05-01T21:04:00Z by root: storage moves")
            #expect(KillSwitch(directory: directory).thrown == line)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [KillSwitch.fileName])
            let facts = try FileManager.default.attributesOfItem(atPath: directory + "/" + KillSwitch.fileName)
            #expect(facts[.posixPermissions] as? Int == 0o600)
            let again = try KillSwitch(directory: directory).disarm(by: "root", reason: nil, wall: wall)
            #expect(again == "2026-05-01T21:04:00Z by root: no reason given")
            #expect(KillSwitch(directory: directory).thrown == again)
            try KillSwitch(directory: directory).arm()
            #expect(KillSwitch(directory: directory).thrown == nil)
        }
    }

    @Test("A file that a person made counts, whatever is in it, and is shown in one plain line")
    func byHand() throws {
        try inDirectory { directory in
            let path = directory + "/" + KillSwitch.fileName
            let contents = [
                ("", "by hand, without a reason"), ("\nmore", "by hand, without a reason"), ("why\nmore", "why"),
                ("a\u{1b}[31m", "a\\u{1b}[31m"),
            ]
            for (text, shown) in contents {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                #expect(KillSwitch(directory: directory).thrown == shown)
            }
            try Data(repeating: 0xFF, count: 1 << 20).write(to: URL(fileURLWithPath: path))
            #expect((KillSwitch(directory: directory).thrown?.unicodeScalars.count ?? 0) <= 501)
            try KillSwitch(directory: directory).arm()
            #expect(KillSwitch(directory: directory).thrown == nil)
        }
    }

    @Test("What cannot be looked at counts as thrown: a link, a directory, a socket, a state directory that is a file")
    func unreadable() throws {
        try inDirectory { directory in
            let path = directory + "/" + KillSwitch.fileName
            let killSwitch = KillSwitch(directory: directory)
            let why = "it cannot be told whether Quell is armed, so it is not: \(path)"
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/nonexistent")
            #expect(killSwitch.thrown?.hasPrefix(why) == true)
            try killSwitch.arm()
            #expect(killSwitch.thrown == nil)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            #expect(killSwitch.thrown?.hasPrefix(why) == true)
            #expect(throws: KillSwitchError.self) { try killSwitch.arm() }
            #expect(throws: KillSwitchError.self) { try killSwitch.disarm(by: "root", reason: nil, wall: wall) }
            try FileManager.default.removeItem(atPath: path)
            try Data().write(to: URL(fileURLWithPath: path))
            #expect(KillSwitch(directory: path).thrown?.contains(path) == true)
            #expect(throws: KillSwitchError.self) { try KillSwitch(directory: path).arm() }
        }
    }

    @Test("Where it cannot be written it says so, and is as it was before")
    func unwritable() throws {
        try inDirectory { directory in
            let nowhere = KillSwitch(directory: directory + "/none")
            #expect { try nowhere.disarm(by: "root", reason: nil, wall: wall) } throws: {
                ($0 as? KillSwitchError)?.code == ENOENT && "\($0)".contains("/none: open")
            }
            let killSwitch = KillSwitch(directory: directory)
            let line = try killSwitch.disarm(by: "root", reason: "first", wall: wall)
            try FileManager.default.createDirectory(
                atPath: directory + "/disarmed.new",
                withIntermediateDirectories: false
            )
            #expect(throws: KillSwitchError.self) { try killSwitch.disarm(by: "root", reason: "second", wall: wall) }
            #expect(killSwitch.thrown == line)
        }
    }

    @Test("No name and no reason can break its line or make it long")
    func hostile() throws {
        try inDirectory { directory in
            let killSwitch = KillSwitch(directory: directory)
            let long = "x\n\u{202e}" + String(repeating: "y", count: 5_000)
            let line = try killSwitch.disarm(by: long, reason: long, wall: wall)
            #expect(line.unicodeScalars.count <= 401 && !line.contains("\n"))
            #expect(killSwitch.thrown == line)
        }
    }
}
