import Foundation

/// A monitor of guests that is to be paid for.
protocol Agent: AnyObject {
    /// What it is called.
    var title: String { get }
    /// Its process, while it runs.
    var pid: Int32? { get }
    /// Seconds after its start until what it costs is steady.
    var settling: Double { get }

    /// Starts it and waits until it works.
    ///
    /// - Throws: ``BedError`` if it does not.
    func start() throws(BedError)

    /// Does what somebody else must do once a tick for it to read everything.
    ///
    /// - Throws: ``BedError`` if that fails.
    func beat() throws(BedError)

    /// How many figures it gives of one guest.
    ///
    /// - Parameter guest: The guest's name.
    /// - Returns: The number.
    /// - Throws: ``BedError`` if it does not say.
    func figures(of guest: String) throws(BedError) -> Int

    /// Ends it.
    func stop()
}

/// prometheus-libvirt-exporter as Debian ships it, scraped by us.
final class ExporterAgent: Agent {
    let title = "prometheus-libvirt-exporter"
    let settling = 5.0
    private let bed: Bed
    private let port = 19_177
    private var child: Child?

    /// An exporter that does not run yet.
    init(on bed: Bed) {
        self.bed = bed
    }

    var pid: Int32? { child?.pid }
    private var page: String { bed.directory + "/exporter.metrics" }

    func start() throws(BedError) {
        let command = ["prometheus-libvirt-exporter", "--libvirt.uri", bed.uri]
        child = try bed.launch(command + ["--web.listen-address", "127.0.0.1:\(port)"], log: "exporter")
        try Wait.until("the exporter answers", limit: 20, step: 0.2) { () throws(BedError) in
            try Shell.attempt(["curl", "-sf", "-o", page, "http://127.0.0.1:\(port)/metrics"]).status == 0
        }
    }

    func beat() throws(BedError) {
        try Shell.run(["curl", "-sf", "-o", page, "http://127.0.0.1:\(port)/metrics"])
    }

    func figures(of guest: String) throws(BedError) -> Int {
        (Files.text(page) ?? "").split(separator: "\n").count { $0.contains("\"\(guest)\"") }
    }

    func stop() { child?.end() }
}

/// collectd with its virt plugin as Debian ships it, once a second, and no plugin that writes anything.
final class CollectdAgent: Agent {
    let title = "collectd, virt plugin"
    let settling = 10.0
    private let bed: Bed
    private var child: Child?

    /// A collectd that does not run yet.
    init(on bed: Bed) {
        self.bed = bed
    }

    var pid: Int32? { child?.pid }
    private var log: String { bed.directory + "/collectd.log" }

    func start() throws(BedError) {
        let file = bed.directory + "/collectd.conf"
        try Files.write(configuration(writing: nil), to: file)
        child = try bed.launch(["collectd", "-f", "-C", file], log: "collectd")
        try Wait.seconds(2)
        guard child?.isRunning == true else { throw .missing("collectd ended: \(Files.text(log) ?? "")") }
    }

    func beat() throws(BedError) {}

    func figures(of guest: String) throws(BedError) -> Int {
        let tree = bed.directory + "/collectd-csv"
        let file = bed.directory + "/collectd-csv.conf"
        try Files.write(configuration(writing: tree), to: file)
        let writer = try bed.launch(["collectd", "-f", "-C", file], log: "collectd-csv")
        try Wait.seconds(10)
        writer.end(patience: 30)
        var figures = 0
        for plugin in Files.names(in: tree + "/" + guest) {
            for name in Files.names(in: tree + "/\(guest)/\(plugin)") {
                // The first line names the columns: the time, then each figure.
                let head = Files.text(tree + "/\(guest)/\(plugin)/\(name)")?.split(separator: "\n").first ?? ""
                figures += head.count { $0 == "," }
            }
        }
        return figures
    }

    func stop() {
        child?.end(patience: 30)
        let late = (Files.text(log) ?? "").split(separator: "\n").count { $0.contains("above its read interval") }
        if late > 0 { say("note: collectd says \(late) times that it skipped ticks, which are counted all the same") }
    }

    private func configuration(writing tree: String?) -> String {
        """
        BaseDir "\(bed.directory)"
        PluginDir "/usr/lib/collectd"
        TypesDB "/usr/share/collectd/types.db"
        Interval 1
        LoadPlugin logfile
        <Plugin logfile>
          LogLevel info
          File STDOUT
        </Plugin>
        LoadPlugin virt
        <Plugin virt>
          Connection "\(bed.uri)"
          HostnameFormat name
        </Plugin>
        PIDFile "\(bed.directory)/collectd\(tree == nil ? "" : "-csv").pid"
        \(tree.map { "LoadPlugin csv\n<Plugin csv>\n  DataDir \"\($0)\"\n</Plugin>" } ?? "")

        """
    }
}

/// quelld as it is installed: the shipped policy, nothing acted on, one tick a second, the CPU weight of its unit.
final class QuelldAgent: Agent {
    let title = "quelld"
    // Two rounds of the slow tier, after which it knows what is idle.
    let settling = 70.0
    private let daemon: Quelld
    private let guests: Int
    private let bed: Bed

    /// A daemon that does not run yet.
    ///
    /// - Parameters:
    ///   - bed: Where it runs.
    ///   - guests: The guests that it is to find.
    ///   - arguments: More arguments of its command line.
    /// - Throws: ``BedError`` if it was not built.
    init(on bed: Bed, guests: Int, arguments: [String] = []) throws(BedError) {
        daemon = try Quelld(on: bed, name: "cost", policy: [Quelld.shippedPolicy], arguments: arguments)
        self.guests = guests
        self.bed = bed
    }

    var pid: Int32? { daemon.pid }

    func start() throws(BedError) {
        try daemon.start()
        if let pid { try Weight.giveUnits(to: pid, name: bed.name) }
        try Wait.until("quelld watches all guests", limit: 120, step: 0.5) { () throws(BedError) in
            try status().vms == guests
        }
    }

    /// How it is, by its own account.
    func status() throws(BedError) -> Quelld.Status { try daemon.status() }

    func beat() throws(BedError) {}

    func figures(of guest: String) throws(BedError) -> Int {
        try daemon.vms().first { $0.name == guest }?.readings.count ?? 0
    }

    func stop() { daemon.stop() }
}
