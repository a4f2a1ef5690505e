internal import Glibc

/// A function of a PCI device, as sysfs shows it (`ABI/testing/sysfs-bus-pci`).
public struct PCIFunction: Sendable, Equatable {
    /// Its address, such as `0000:3b:00.0`.
    public let address: String
    /// The driver that it is bound to; `nil` for none.
    public let driver: String?
    /// The physical function that it is a virtual function of; `nil` where it is none.
    public let physicalFunction: String?

    /// A function with known facts.
    ///
    /// - Parameters:
    ///   - address: Its address.
    ///   - driver: The driver that it is bound to.
    ///   - physicalFunction: The physical function that it is a virtual function of.
    public init(address: String, driver: String?, physicalFunction: String? = nil) {
        self.address = address
        self.driver = driver
        self.physicalFunction = physicalFunction
    }

    /// Looks at a function; `nil` where the host has none at that address.
    ///
    /// - Parameters:
    ///   - address: Its address.
    ///   - roots: Where sysfs is.
    public init?(at address: String, roots: HostRoots) {
        let directory = "\(roots.sys)/bus/pci/devices/\(address)"
        guard Self.isAddress(address), HostDirectory.exists(directory) else { return nil }
        self.address = address
        driver = Self.target(of: directory + "/driver").last
        physicalFunction = Self.target(of: directory + "/physfn").last
    }

    /// Whether a driver of VFIO's holds it for a VM: `vfio-pci` or a variant of it for one kind of device.
    public var isPassedThrough: Bool { driver?.contains("vfio") ?? false }

    /// The function that a mediated device is made of; `nil` where the host has no such device.
    ///
    /// - Parameters:
    ///   - uuid: The mediated device's UUID in lower case.
    ///   - roots: Where sysfs is.
    /// - Returns: The function.
    public static func parent(ofMediated uuid: String, roots: HostRoots) -> PCIFunction? {
        guard uuid.utf8.allSatisfy({ $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ".") }) else { return nil }
        // The link leads to the device's place below its parent: …/0000:3b:00.0/<uuid>.
        return target(of: "\(roots.sys)/bus/mdev/devices/\(uuid)").dropLast().last
            .flatMap { PCIFunction(at: $0, roots: roots) }
    }

    /// NVIDIA's GPUs on this host, without virtual functions.
    ///
    /// - Parameter roots: Where sysfs is.
    /// - Returns: The GPUs by address.
    public static func nvidiaGPUs(roots: HostRoots) -> [PCIFunction] {
        let base = roots.sys + "/bus/pci/devices"
        return HostDirectory.names(in: base).sorted().compactMap { name in
            // Vendor 0x10de, and a class of display controllers: 0x0300 to 0x03ff.
            guard HostDirectory.text(of: "\(base)/\(name)/vendor")?.hasPrefix("0x10de") == true,
                HostDirectory.text(of: "\(base)/\(name)/class")?.hasPrefix("0x03") == true,
                let function = PCIFunction(at: name, roots: roots), function.physicalFunction == nil
            else { return nil }
            return function
        }
    }

    /// Whether a text is an address in sysfs's form, so that it names one directory and nothing else.
    static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, (4...8).contains(parts[0].utf8.count), parts[1].utf8.count == 2 else { return false }
        let last = parts[2].split(separator: ".", omittingEmptySubsequences: false)
        guard last.count == 2, last[0].utf8.count == 2, last[1].utf8.count == 1 else { return false }
        return (parts[0...1] + last).allSatisfy { $0.utf8.allSatisfy { Character(UnicodeScalar($0)).isHexDigit } }
    }

    /// The components of what a symbolic link leads to; empty where it is none.
    ///
    /// The corresponding C function is `readlink`.
    ///
    /// - Parameter path: The link.
    /// - Returns: The components.
    public static func target(of path: String) -> [String] {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        // SAFETY: the kernel writes at most as many bytes as the buffer holds.
        let count = unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress.map { unsafe readlink(path, $0, bytes.count) }
        }
        guard let count, count > 0 else { return [] }
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "/").map(String.init)
    }
}
