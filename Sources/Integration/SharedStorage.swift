/// A disk array that several guests share: QEMU's own storage server with one limit over all of its disks.
///
/// The disk of the machine that this runs on may be faster than emulated guests can write. Here what one of them writes
/// is missing to the others.
final class SharedStorage {
    /// Bytes a second over all disks.
    static let rate = 16 << 20

    /// Where the guests reach it.
    let socket: String
    private let child: Child

    /// Starts it and waits until it listens.
    ///
    /// - Parameters:
    ///   - names: The names of its disks, of 16 MiB each.
    ///   - bed: Where.
    /// - Throws: ``BedError`` if it does not come up.
    init(for names: [String], on bed: Bed) throws(BedError) {
        let socket = bed.directory + "/storage.sock"
        var command = ["qemu-storage-daemon", "--object", "throttle-group,id=array,x-bps-total=\(Self.rate)"]
        command += ["--nbd-server", "addr.type=unix,addr.path=\(socket)"]
        for name in names {
            let file = bed.directory + "/storage-\(name).raw"
            try Shell.run(["truncate", "-s", "16M", file])
            command += ["--blockdev", "driver=file,node-name=file-\(name),filename=\(file)"]
            command += ["--blockdev", "driver=throttle,node-name=\(name),throttle-group=array,file=file-\(name)"]
            command += ["--export", "type=nbd,id=export-\(name),node-name=\(name),name=\(name),writable=on"]
        }
        let child = try bed.launch(command, log: "storage")
        self.child = child
        self.socket = socket
        try Wait.until("the storage listens", limit: 10) { () throws(BedError) in
            guard child.isRunning else {
                throw .missing("the storage ended at once: \(Files.text(bed.directory + "/storage.log") ?? "")")
            }
            return try Shell.attempt(["test", "-S", socket]).status == 0
        }
        // The guests run as another user.
        try Shell.run(["chmod", "666", socket])
    }

    /// Ends it.
    func stop() { child.end() }
}
