/// Whether the kernel clears memory by itself, when it hands pages out or when it takes them back
/// (`admin-guide/kernel-parameters`, `init_on_alloc` and `init_on_free`).
public struct MemoryInit: Equatable, Sendable {
    /// One of the two.
    public enum Moment: String, Sendable, CaseIterable {
        /// When pages are handed out.
        case alloc
        /// When they are taken back.
        case free
    }

    /// Whether it does, and who says so.
    public struct Answer: Equatable, Sendable {
        /// Whether it does.
        public var isOn: Bool
        /// Who says so: the boot parameter, or the file with the kernel's configuration.
        public var source: String
    }

    private let parameters: String?
    private let configuration: (path: String, text: String)?

    /// Looks at a host: the parameters of this boot, and the configuration of the running kernel where there is one.
    ///
    /// - Parameter roots: Where procfs and the kernels are.
    public init(_ roots: HostRoots) {
        parameters = HostDirectory.text(of: roots.proc + "/cmdline")
        let release = HostDirectory.text(of: roots.proc + "/sys/kernel/osrelease").map { $0.prefix { $0 != "\n" } }
        guard let release, !release.isEmpty, !release.contains("/") else {
            configuration = nil
            return
        }
        let path = "\(roots.boot)/config-\(release)"
        configuration = HostDirectory.text(of: path).map { (path, $0) }
    }

    /// Compares what was read.
    public static func == (left: MemoryInit, right: MemoryInit) -> Bool {
        left.parameters == right.parameters && left.configuration?.path == right.configuration?.path
            && left.configuration?.text == right.configuration?.text
    }

    /// Whether the kernel clears memory at a moment; `nil` where neither parameters nor configuration tell.
    ///
    /// - Parameter moment: When.
    /// - Returns: The answer.
    public func answer(_ moment: Moment) -> Answer? {
        guard let parameters else { return nil }
        let name = "init_on_\(moment.rawValue)"
        var last: Answer?
        for word in parameters.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" }) {
            // The kernel takes nothing after "--" for itself (kernel/params.c).
            if word == "--" { break }
            guard word.hasPrefix(name + "=") else { continue }
            switch word.dropFirst(name.utf8.count + 1) {
            case "1", "y", "Y", "on", "t", "T": last = Answer(isOn: true, source: "boot parameter \(word)")
            case "0", "n", "N", "off", "f", "F": last = Answer(isOn: false, source: "boot parameter \(word)")
            default: continue
            }
        }
        if let last { return last }
        guard let configuration else { return nil }
        let option = "CONFIG_INIT_ON_\(moment.rawValue.uppercased())_DEFAULT_ON"
        for line in configuration.text.split(separator: "\n") {
            if line == option + "=y" { return Answer(isOn: true, source: "\(option)=y in \(configuration.path)") }
        }
        // A kernel before 5.3 lacks the option and clears nothing; a file that is none says nothing.
        guard configuration.text.contains("CONFIG_") else { return nil }
        return Answer(isOn: false, source: "\(option) is not set in \(configuration.path)")
    }
}
