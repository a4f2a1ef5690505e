import Foundation

/// The kernel and the initial file system that every guest boots: Debian's cloud kernel and busybox.
///
/// The kernel package is fetched and unpacked, not installed. Both are kept in a cache; the initial file system is made
/// anew for every run, because it holds the script.
struct GuestImage {
    /// The kernel.
    let kernel: String
    /// The initial file system.
    let initrd: String

    /// Where images are kept: `QUELL_INTEGRATION_CACHE`, or `.build/integration-cache` here.
    static var cache: String {
        ProcessInfo.processInfo.environment["QUELL_INTEGRATION_CACHE"]
            ?? FileManager.default.currentDirectoryPath + "/.build/integration-cache"
    }

    /// Fetches what is missing and packs the initial file system.
    ///
    /// - Parameter directory: Where the initial file system is made.
    /// - Returns: The image.
    /// - Throws: ``BedError`` if the package cannot be fetched or a program fails.
    static func prepare(in directory: String) throws(BedError) -> GuestImage {
        let tree = cache + "/kernel"
        if kernelFile(in: tree) == nil { try fetch(into: tree) }
        guard let file = kernelFile(in: tree) else { throw .missing("no kernel in \(tree)/boot") }
        // QEMU's user may not be let into the cache's directory.
        let kernel = directory + "/vmlinuz"
        try Shell.run(["cp", file, kernel])
        let initrd = directory + "/initrd.gz"
        try pack(modulesFrom: tree, at: initrd, in: directory)
        return GuestImage(kernel: kernel, initrd: initrd)
    }

    /// The kernel of an unpacked package.
    private static func kernelFile(in tree: String) -> String? {
        Files.names(in: tree + "/boot").last { $0.hasPrefix("vmlinuz-") }.map { tree + "/boot/" + $0 }
    }

    /// Downloads the newest cloud kernel and unpacks it; the tree appears whole or not at all.
    private static func fetch(into tree: String) throws(BedError) {
        let work = cache + "/work"
        Files.removeTree(work)
        try Files.makeDirectory(work + "/tree")
        say("fetching the guests' kernel into \(cache)")
        let depends = try Shell.run(["apt-cache", "depends", "linux-image-cloud-amd64"])
        let names = depends.split(whereSeparator: \.isWhitespace).filter {
            $0.hasPrefix("linux-image-") && $0.hasSuffix("-cloud-amd64") && $0 != "linux-image-cloud-amd64"
        }
        guard let package = names.first.map(String.init) else {
            throw .missing("apt knows no linux-image-cloud-amd64: run apt-get update, or name a Debian source")
        }
        try Shell.run(["apt-get", "download", package], in: work, limit: 300)
        guard let archive = Files.names(in: work).first(where: { $0.hasSuffix(".deb") }) else {
            throw .missing("apt-get download \(package) left no package in \(work)")
        }
        try Shell.run(["dpkg", "-x", work + "/" + archive, work + "/tree"], limit: 120)
        Files.removeTree(tree)
        try Shell.run(["mv", work + "/tree", tree])
        Files.removeTree(work)
    }

    /// Packs busybox, the modules and the script.
    private static func pack(modulesFrom tree: String, at initrd: String, in directory: String) throws(BedError) {
        guard let busybox = Child.path(of: "busybox") else {
            throw .missing("no busybox: install busybox-static")
        }
        let root = directory + "/initrd"
        for folder in ["bin", "lib", "dev", "proc", "sys"] { try Files.makeDirectory(root + "/" + folder) }
        try Shell.run(["cp", busybox, root + "/bin/busybox"])
        for applet in GuestInit.applets {
            try link(root + "/bin/" + applet, to: "busybox")
        }
        let found = try Shell.run(["find", tree + "/lib/modules", "-name", "*.ko"])
        let files = found.split(separator: "\n").map(String.init)
        var present: [String] = []
        for module in GuestInit.modules {
            // A module that this kernel has built in, or does not know any more, is left out.
            guard let file = files.first(where: { $0.hasSuffix("/" + module + ".ko") }) else { continue }
            try Shell.run(["cp", file, root + "/lib/" + module + ".ko"])
            present.append(module)
        }
        if present.isEmpty { throw .missing("no virtio modules under \(tree)/lib/modules") }
        try Files.write(present.joined(separator: "\n") + "\n", to: root + "/modules")
        try Files.write(GuestInit.script, to: root + "/init")
        try Shell.run(["chmod", "755", root + "/init"])
        try Shell.run(
            ["sh", "-c", "find . | LC_ALL=C sort | cpio --quiet -o -H newc | gzip -1 > \"$1\"", "sh", initrd],
            in: root
        )
    }

    /// Makes a symbolic link.
    private static func link(_ path: String, to target: String) throws(BedError) {
        do {
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        } catch {
            throw .file(path: path, why: "\(error)")
        }
    }
}
