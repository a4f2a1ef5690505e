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

    /// Why NVML tells nothing of any GPU, and what to do; `nil` where it does.
    public var absence: (why: String, remedy: String?)? {
        if gpus.isEmpty { return ("this host has no NVIDIA GPU", nil) }
        if seen.isEmpty {
            if passedThrough.count == gpus.count {
                return ("not observable: every NVIDIA GPU is passed through", Self.inGuest)
            }
            let drivers = Set(gpus.map { $0.driver ?? "no driver" }).sorted().joined(separator: ", ")
            let why = "no NVIDIA GPU is bound to the driver nvidia, but to \(drivers)"
            return (why, "install NVIDIA's driver and load it")
        }
        if !hasLibrary {
            return ("libnvidia-ml.so.1 is not installed", "install the library of the driver, such as libnvidia-ml1")
        }
        if let library, let driver, library != driver {
            let why = "the library is of release \(library) and the loaded driver of \(driver)"
            return (why, "reboot, or load the driver that is installed")
        }
        return nil
    }

    /// What to do about a GPU that is passed through.
    static let inGuest = "observe a GPU that is passed through from within its guest"

    /// Directories in which distributions put the driver's library.
    public static let usualLibraries = [
        "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib",
    ]

    /// The release in the name of the library's file, `libnvidia-ml.so.570.86.15`.
    static func release(of file: String) -> String? {
        let prefix = "libnvidia-ml.so."
        guard file.hasPrefix(prefix), file.dropFirst(prefix.count).contains(".") else { return nil }
        return String(file.dropFirst(prefix.count))
    }
}
