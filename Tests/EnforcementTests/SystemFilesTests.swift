import Foundation
import Signals
import Testing

@testable import Enforcement

/// The ledger on a real file system.
@Suite("Ledger on disk")
struct SystemFilesTests {
    /// A directory of its own for each test, gone afterwards.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let parent = FileManager.default.temporaryDirectory.appendingPathComponent("quell-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: parent) }
        try body(parent.path + "/quell")
    }

    private func mode(_ path: String) throws -> Int {
        let value = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        return try #require(value as? NSNumber).intValue
    }

    private func openOne(_ directory: String) throws -> Lease {
        var ledger = try Ledger(directory: directory)
        let now = Lease.Moment(wall: 5, boot: Bench.start)
        return try ledger.open(
            Lease(
                order: Bench.order(),
                knob: .vcpuQuota,
                before: .quota(Bench.free),
                pending: .quota(Bench.share(0.5)),
                now: now,
                bootID: "boot-1"
            )
        )
    }

    @Test("What root makes belongs to the directory's owner, who goes on with it", .enabled(if: geteuid() == 0))
    func ownership() throws {
        try withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try FileManager.default.setAttributes(
                [.ownerAccountID: 12_345, .groupOwnerAccountID: 23_456],
                ofItemAtPath: directory
            )
            _ = try openOne(directory)
            for file in ["/ledger", "/ledger.lock"] {
                let facts = try FileManager.default.attributesOfItem(atPath: directory + file)
                #expect((facts[.ownerAccountID] as? NSNumber)?.intValue == 12_345)
                #expect((facts[.groupOwnerAccountID] as? NSNumber)?.intValue == 23_456)
            }
        }
    }

    @Test("A lease outlives its writer, in files that only root reads")
    func persists() throws {
        try withDirectory { directory in
            let lease = try openOne(directory)
            let leases = try Ledger(directory: directory).leases
            #expect(leases == [lease])
            #expect(try mode(directory) == 0o700)
            #expect(try mode(directory + "/ledger") == 0o600)
            #expect(try mode(directory + "/ledger.lock") == 0o600)
        }
    }

    @Test("Looking at a ledger that was never written makes none")
    func looksOnly() throws {
        try withDirectory { directory in
            let leases = try Ledger(directory: directory).leases
            #expect(leases.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: directory + "/ledger"))
        }
    }

    @Test("Modes that are too wide are narrowed")
    func narrows() throws {
        try withDirectory { directory in
            _ = try openOne(directory)
            for name in ["", "/ledger", "/ledger.lock"] {
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory + name)
            }
            _ = try Ledger(directory: directory).leases
            #expect(try mode(directory) == 0o700)
            #expect(try mode(directory + "/ledger") == 0o600)
        }
    }

    @Test("The lock excludes a second keeper in the same host and names the first")
    func locks() throws {
        try withDirectory { directory in
            let first = try Ledger(directory: directory)
            let pid = ProcessInfo.processInfo.processIdentifier
            #expect(throws: LedgerError.locked(path: directory, pid: pid)) { _ = try Ledger(directory: directory) }
            #expect(LedgerError.locked(path: directory, pid: pid).description.contains("pid \(pid)"))
            _ = first.leases
        }
    }

    @Test("A symbolic link is not followed", arguments: ["ledger", "ledger.lock", "ledger.new", "ledger.damaged"])
    func links(name: String) throws {
        try withDirectory { directory in
            _ = try openOne(directory)
            let target = directory + "-target"
            try Data("torn".utf8).write(to: URL(fileURLWithPath: target))
            if name == "ledger.damaged" {
                let handle = try #require(FileHandle(forWritingAtPath: directory + "/ledger"))
                try handle.seekToEnd()
                try handle.write(contentsOf: Data("torn".utf8))
            }
            try? FileManager.default.removeItem(atPath: directory + "/" + name)
            try FileManager.default.createSymbolicLink(atPath: directory + "/" + name, withDestinationPath: target)
            if name == "ledger.new" { try FileManager.default.removeItem(atPath: directory + "/ledger") }
            #expect(throws: LedgerError.notPlain(path: name)) { _ = try openOne(directory) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == Data("torn".utf8))
        }
    }

    @Test("A directory that is a symbolic link is not followed")
    func linkedDirectory() throws {
        try withDirectory { directory in
            try FileManager.default.createSymbolicLink(atPath: directory, withDestinationPath: "/tmp")
            #expect(throws: LedgerError.notPlain(path: directory)) { _ = try Ledger(directory: directory) }
        }
    }

    @Test("A pipe in the ledger's place is refused without waiting for a writer")
    func pipe() throws {
        try withDirectory { directory in
            _ = try openOne(directory)
            try FileManager.default.removeItem(atPath: directory + "/ledger")
            let make = Process()
            make.executableURL = URL(fileURLWithPath: "/usr/bin/mkfifo")
            make.arguments = [directory + "/ledger"]
            try make.run()
            make.waitUntilExit()
            #expect(throws: LedgerError.notPlain(path: "ledger")) { _ = try Ledger(directory: directory) }
        }
    }

    @Test("A parent that is not there is an error with its path and cause")
    func noParent() throws {
        try withDirectory { directory in
            let path = directory + "/deeper"
            let error = LedgerError.io(call: "mkdir", path: path, code: ENOENT)
            #expect(throws: error) { _ = try Ledger(directory: path) }
            #expect(error.description == "\(path): mkdir failed: No such file or directory")
        }
    }
}
