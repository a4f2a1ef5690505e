import Foundation
import HostReaders
import Sampling
import Signals
import TestSupport

/// VMs and recordings for the tests of the network's sources.
enum NetworkBed {
    /// A VM with some interfaces.
    static func vm(_ number: UInt64, _ taps: [String], running: Bool = true) -> VMDescription {
        let identity = VMIdentity(uuid: VMUUID(high: 9, low: number), generation: 1)
        var record = VMRecord(identity: identity, name: "vm-\(number)", vcpus: 1)
        record.running = running
        return VMDescription(record: record, pid: 1, taps: taps)
    }

    /// The datagrams of one committed recording.
    static func recording(_ name: String) throws -> [[UInt8]] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.path + "/HostReadersTests/Fixtures/netlink/" + name
        return NetlinkBytes.datagrams([UInt8](try Data(contentsOf: URL(fileURLWithPath: file))))
    }

    /// The moment some seconds after the first one.
    static func time(_ seconds: Double) -> MonotonicTime { MonotonicTime(seconds: 1_000 + seconds) }
}

/// A tree with the interfaces of VMs in sysfs, gone when the test is over.
final class NetworkTree {
    let path = FileManager.default.temporaryDirectory.path + "/quell-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var roots: HostRoots { HostRoots(tree: path) }

    /// Makes an interface with one file in sysfs.
    func add(_ interface: String, _ file: String, _ text: String = "1\n") throws {
        let place = URL(fileURLWithPath: "\(path)/sys/class/net/\(interface)/\(file)")
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: place)
    }
}
