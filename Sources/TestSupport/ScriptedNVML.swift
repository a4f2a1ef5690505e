internal import Foundation

/// A copy of the stand-in for NVIDIA's management library, with a script and a tree of sysfs of its own.
///
/// Each copy is a library of its own to the loader, so that tests with several of them can run at once.
public final class ScriptedNVML {
    /// Which functions the library has.
    public enum Release: String, Sendable {
        /// All that Quell calls.
        case new = "libNVMLStandIn.so"
        /// What there was before vGPUs, MIG and Xid errors by instance.
        case old = "libNVMLStandInOld.so"
    }

    /// A directory that stands in for `/` and is gone with this value.
    public let root: String
    /// The library's file.
    public let library: String

    /// Copies the library and writes its script.
    ///
    /// - Parameters:
    ///   - script: The script; `Sources/NVMLStandIn/include/NVMLStandIn.h` says what it may hold.
    ///   - release: Which functions the library has.
    /// - Throws: Where the library was not built or cannot be copied.
    public init(_ script: String, release: Release = .new) throws {
        root = FileManager.default.temporaryDirectory.path + "/quell-nvml-" + UUID().uuidString
        library = root + "/usr/lib/libnvidia-ml.so.1"
        try FileManager.default.createDirectory(atPath: root + "/usr/lib", withIntermediateDirectories: true)
        // The package's dynamic libraries are built into the directory of its test bundle.
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let built = URL(fileURLWithPath: program).deletingLastPathComponent().path + "/" + release.rawValue
        try FileManager.default.copyItem(atPath: built, toPath: library)
        try write(script)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Writes another script, which holds from the next call of the library on.
    ///
    /// - Parameter script: The script.
    /// - Throws: Where it cannot be written.
    public func write(_ script: String) throws {
        try Data(script.utf8).write(to: URL(fileURLWithPath: library + ".script"), options: .atomic)
    }

    /// What was logged so far: a line for each time that the library was initialised, shut down, or a GPU was attached.
    public var log: [String] {
        let text = (try? String(contentsOfFile: library + ".script.log", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// What was set so far, a line for each call, as the library keeps it.
    public var kept: [String] {
        let text = (try? String(contentsOfFile: library + ".script.state", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// Puts a PCI function into the tree, or binds it to another driver.
    ///
    /// - Parameters:
    ///   - address: Its address.
    ///   - driver: The driver that it is bound to; `nil` for none.
    ///   - physical: The physical function that it is a virtual function of.
    ///   - vendor: Its vendor.
    ///   - kind: Its class.
    /// - Throws: Where it cannot be written.
    public func place(
        _ address: String,
        driver: String?,
        of physical: String? = nil,
        vendor: String = "0x10de",
        kind: String = "0x030200"
    ) throws {
        let manager = FileManager.default
        let directory = root + "/sys/devices/pci0000:3a/" + address
        try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try manager.createDirectory(atPath: root + "/sys/bus/pci/devices", withIntermediateDirectories: true)
        try Data((vendor + "\n").utf8).write(to: URL(fileURLWithPath: directory + "/vendor"))
        try Data((kind + "\n").utf8).write(to: URL(fileURLWithPath: directory + "/class"))
        try link(directory + "/driver", to: driver.map { "../../../bus/pci/drivers/" + $0 })
        try link(directory + "/physfn", to: physical.map { "../" + $0 })
        try link(root + "/sys/bus/pci/devices/" + address, to: "../../../devices/pci0000:3a/" + address)
    }

    /// Puts a mediated device into the tree.
    ///
    /// - Parameters:
    ///   - uuid: Its UUID in lower case.
    ///   - parent: The function that it is made of, which must be in the tree.
    /// - Throws: Where it cannot be written.
    public func place(mediated uuid: String, on parent: String) throws {
        let directory = root + "/sys/devices/pci0000:3a/" + parent + "/" + uuid
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let list = root + "/sys/bus/mdev/devices"
        try FileManager.default.createDirectory(atPath: list, withIntermediateDirectories: true)
        try link(list + "/" + uuid, to: "../../../devices/pci0000:3a/" + parent + "/" + uuid)
    }

    /// Writes a file of the tree.
    ///
    /// - Parameters:
    ///   - text: What is in it.
    ///   - path: Its path in the tree.
    /// - Throws: Where it cannot be written.
    public func write(_ text: String, to path: String) throws {
        let file = URL(fileURLWithPath: root + "/" + path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Removes something from the tree.
    ///
    /// - Parameter path: Its path in the tree.
    /// - Throws: Where it is not there.
    public func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + "/" + path) }

    /// Makes a symbolic link, in place of one that is there; without a target only the old one goes.
    private func link(_ path: String, to target: String?) throws {
        try? FileManager.default.removeItem(atPath: path)
        if let target { try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target) }
    }
}
