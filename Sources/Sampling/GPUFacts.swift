public import HostReaders

/// What of NVIDIA's GPUs and their driver a host has, without asking the driver.
public struct GPUFacts: Equatable, Sendable {
    /// The GPUs, without virtual functions.
    public var gpus: [PCIFunction] = []
    /// Whether the library of the driver is there.
    public var hasLibrary = false
    /// The release of the library, such as `570.86.15`; `nil` where its file does not tell.
    public var library: String?
    /// The release of the driver that is loaded; `nil` where none is, or it does not tell.
    public var driver: String?

    /// A host without GPUs.
    public init() {}

    /// Looks at a host.
    ///
    /// - Parameters:
    ///   - roots: Where sysfs is.
    ///   - libraries: Directories to look for the library in.
    public init(probing roots: HostRoots, libraries: [String]) {
        gpus = PCIFunction.nvidiaGPUs(roots: roots)
        guard !gpus.isEmpty else { return }
        let found = libraries.lazy.map { $0 + "/" + NVML.soname }.first { HostDirectory.exists($0) }
        hasLibrary = found != nil
        library = found.flatMap { PCIFunction.target(of: $0).last }.flatMap { Self.release(of: $0) }
        driver = HostDirectory.text(of: roots.sys + "/module/nvidia/version")
            .flatMap { $0.split(separator: "\n").first.map(String.init) }
    }

    /// GPUs that the driver holds, so that NVML sees them.
    public var seen: [PCIFunction] { gpus.filter { $0.driver == "nvidia" } }

    /// GPUs that are passed through, so that it does not.
    public var passedThrough: [PCIFunction] { gpus.filter(\.isPassedThrough) }

    /// The release in the name of the library's file, `libnvidia-ml.so.570.86.15`.
    static func release(of file: String) -> String? {
        let prefix = "libnvidia-ml.so."
        guard file.hasPrefix(prefix), file.dropFirst(prefix.count).contains(".") else { return nil }
        return String(file.dropFirst(prefix.count))
    }
}
