import Foundation
import HostReaders
import Sampling
import Signals
import Testing

/// A copy of a committed fixture tree whose counters a test advances between ticks.
final class HostTree {
    let path = FileManager.default.temporaryDirectory.path + "/quell-" + UUID().uuidString
    let sampler: HostSampler
    private(set) var now = MonotonicTime(seconds: 100.0)

    init(_ tree: String, calmEvery: Int = 1) throws {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        try FileManager.default.copyItem(atPath: source.path + "/HostReadersTests/Fixtures/" + tree, toPath: path)
        sampler = HostSampler(roots: HostRoots(tree: path), hostCPUs: 2, calmEvery: calmEvery)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var roots: HostRoots { HostRoots(tree: path) }

    /// Replaces one text in a file by another, in place, so that open descriptors see it.
    func change(_ name: String, _ old: String, _ new: String) throws {
        let file = path + "/" + name
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try #require(text.contains(old), "\(name) has no '\(old)'")
        try write(name, text.replacing(old, with: new))
    }

    /// Writes a file in place, so that open descriptors see it.
    func write(_ name: String, _ text: String) throws { try write(name, bytes: Array(text.utf8)) }

    /// Writes bytes to a file in place, so that open descriptors see them.
    func write(_ name: String, bytes: [UInt8]) throws {
        let handle = try #require(FileHandle(forWritingAtPath: path + "/" + name))
        defer { try? handle.close() }
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(bytes))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

    func move(_ name: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: path + "/" + name, toPath: path + "/" + other)
    }

    /// Runs a tick the given number of seconds after the last one.
    func tick(after seconds: Double = 1) {
        now = now.advanced(bySeconds: seconds)
        sampler.tick(at: now)
    }

    /// The reading of a signal of the only VM.
    func reading(_ signal: Signal) -> Reading { sampler.frame[VMSlot(0), signal] }
}

/// The VM of the fixture `v2`.
func virtualMachineB(taps: [String] = ["vnet0"]) -> VMDescription {
    let identity = VMIdentity(uuid: VMUUID(high: 1, low: 2), generation: 215_515)
    let record = VMRecord(identity: identity, name: "vm-b", vcpus: 2)
    return VMDescription(record: record, pid: 4_242, taps: taps)
}

/// The scope of the VM of the fixture `v2`.
let scopeB = #"sys/fs/cgroup/machine.slice/machine-qemu\x2d1\x2dvm\x2db.scope"#

/// Whether a reading is `ok` and within a millionth of a value.
func isAbout(_ reading: Reading, _ value: Double) -> Bool {
    reading.quality == .ok && abs(reading.value - value) <= 1e-6 * max(1, abs(value))
}
