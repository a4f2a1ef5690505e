import Foundation
import Glibc

/// The daemon under test, as a program: built beside this one, or where `QUELL_BIN` says.
final class Quelld {
    /// Where the daemon keeps its ledger.
    let stateDirectory: String
    /// Where its control socket is.
    let runDirectory: String
    /// Its threshold files.
    let policy: [String]
    private let arguments: [String]
    private let tick: String
    /// The policy that Quell ships with, as this clone has it.
    static var shippedPolicy: String { FileManager.default.currentDirectoryPath + "/Thresholds/default.yaml" }

    /// Where the programs are.
    let binaries: String
    /// Where its guests are.
    let bed: Bed
    private var child: Child?

    /// A daemon that has not been started.
    ///
    /// - Parameters:
    ///   - bed: Where its guests are.
    ///   - name: What its directories are named after.
    ///   - policy: Its threshold files.
    ///   - arguments: More arguments of its command line.
    ///   - tick: The time between its ticks.
    /// - Throws: ``BedError`` if it was not built.
    init(
        on bed: Bed,
        name: String,
        policy: [String],
        arguments: [String] = [],
        tick: String = "1s"
    ) throws(BedError) {
        self.tick = tick
        self.bed = bed
        self.policy = policy
        self.arguments = arguments
        stateDirectory = bed.directory + "/" + name + "-state"
        runDirectory = bed.directory + "/" + name + "-run"
        binaries = try Self.binaries()
        try Files.makeDirectory(stateDirectory)
        try Files.makeDirectory(runDirectory)
    }

    /// Where the programs under test are.
    ///
    /// - Returns: The directory.
    /// - Throws: ``BedError/missing(_:)`` if they were not built.
    static func binaries() throws(BedError) -> String {
        let own = Files.target(ofLink: "/proc/self/exe") ?? ""
        let place = ProcessInfo.processInfo.environment["QUELL_BIN"] ?? (own as NSString).deletingLastPathComponent
        for program in ["quelld", "quell"] where !FileManager.default.isExecutableFile(atPath: place + "/" + program) {
            throw .missing("no \(place)/\(program): run `swift build` first")
        }
        return place
    }

    /// Starts it and waits until it answers.
    ///
    /// - Throws: ``BedError`` if it does not.
    func start() throws(BedError) {
        let child = try bed.launch(command, log: "quelld")
        self.child = child
        do throws(BedError) {
            try Wait.until("quelld answers", limit: 30, step: 0.1) { () throws(BedError) in
                guard child.isRunning else { throw .missing("quelld ended with \(child.status)") }
                return try quell(["status", "--run-dir", runDirectory]).status == 0
            }
        } catch {
            for line in log.suffix(20) { say("  quelld: \(line)") }
            throw error
        }
    }

    private var command: [String] {
        var command = [binaries + "/quelld", "--uri", bed.uri]
        command += ["--state-dir", stateDirectory, "--run-dir", runDirectory, "--output", "journal", "--tick", tick]
        for file in policy { command += ["--policy", file] }
        return command + arguments
    }

    /// Tries to start another one on the same ledger.
    ///
    /// - Returns: Its exit status and what it said.
    /// - Throws: ``BedError`` if it goes on running.
    func startAnother() throws(BedError) -> Shell.Output { try Shell.attempt(command, limit: 30) }

    /// Its process, once it was started.
    var pid: Int32? { child?.pid }

    /// Whether it runs.
    var isRunning: Bool { child?.isRunning ?? false }

    /// What it has written beside the journal.
    var log: [Substring] { (Files.text(bed.directory + "/quelld.log") ?? "").split(whereSeparator: \.isNewline) }

    /// Ends it as systemd does.
    ///
    /// - Returns: Its exit status.
    @discardableResult
    func stop() -> Int32 {
        child?.end(patience: 20)
        return child?.status ?? 0
    }

    /// Ends it without a chance to clean up.
    func kill() {
        child?.signal(SIGKILL)
        child?.waitForEnd(5)
    }

    /// Tells it to read its threshold files again.
    func reload() { child?.signal(SIGHUP) }

    /// What the daemon says of itself.
    struct Status: Decodable {
        /// Ticks since it started.
        var ticks: Int
        /// Guests that it watches.
        var vms: Int
        /// Whether libvirt answers it.
        var libvirt: Bool
        /// Seconds by which 99 of 100 of the last 300 ticks began late at most.
        var tickLagP99: Double?
        /// Seconds by which the latest of them began late.
        var tickLagWorst: Double?
    }

    /// How it is, by its own account.
    ///
    /// - Returns: What it says.
    /// - Throws: ``BedError`` if it does not say.
    func status() throws(BedError) -> Status {
        let answer = try quell(["status", "--run-dir", runDirectory, "--json"])
        guard answer.status == 0, let status = try? JSONDecoder().decode(Status.self, from: Data(answer.text.utf8))
        else { throw .failed(command: "quell status --json", status: answer.status, errors: answer.errors) }
        return status
    }

    /// What the daemon knows of one guest.
    struct VM: Decodable {
        /// Its name.
        var name: String
        /// Its readings by signal.
        var readings: [String: Double]
        /// The signals among them that were not read in the last tick.
        var stale: [String]

        /// A reading of the last tick.
        func fresh(_ signal: String) -> Double? { stale.contains(signal) ? nil : readings[signal] }
    }

    /// What it knows of its guests.
    ///
    /// - Returns: What `quell vms` says of each.
    /// - Throws: ``BedError`` if it does not say.
    func vms() throws(BedError) -> [VM] {
        let answer = try quell(["vms", "--run-dir", runDirectory, "--json"])
        guard answer.status == 0, let vms = try? JSONDecoder().decode([VM].self, from: Data(answer.text.utf8))
        else { throw .failed(command: "quell vms --json", status: answer.status, errors: answer.errors) }
        return vms
    }

    /// How many VMs it holds, by its own account.
    ///
    /// - Returns: The number of its leases.
    /// - Throws: ``BedError`` if it does not say.
    func leases() throws(BedError) -> Int {
        let answer = try quell(["leases", "--run-dir", runDirectory, "--json"])
        guard answer.status == 0,
            let leases = try? JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [Any]
        else { throw .failed(command: "quell leases --json", status: answer.status, errors: answer.errors) }
        return leases.count
    }

    /// Waits until its ledger holds as many leases as it must.
    ///
    /// What the kernel has in force and what the ledger says of it are written one after the other.
    ///
    /// - Parameters:
    ///   - count: The number.
    ///   - limit: The longest wait in seconds.
    /// - Returns: Whether it does in time.
    /// - Throws: ``BedError`` if the daemon does not say.
    func holds(_ count: Int, within limit: Double = 5) throws(BedError) -> Bool {
        let start = Moment.now
        while try leases() != count {
            if start.age > limit { return false }
            try Wait.seconds(0.2)
        }
        return true
    }

    /// Records what it judges, then replays that under the policy in force.
    ///
    /// - Parameter seconds: For how long.
    /// - Returns: The ticks that were stored and those that were replayed, and what went wrong, if anything did.
    /// - Throws: ``BedError`` if a command cannot be run.
    func recorded(seconds: Int) throws(BedError) -> (stored: Int, replayed: Int, problem: String?) {
        struct Stored: Decodable { var ticks: Int }
        struct Replayed: Decodable { var summary: Stored }
        let file = runDirectory + "/integration.trace"
        let recorded = try quell(
            ["record", "--out", file, "--duration", "\(seconds)s", "--force", "--run-dir", runDirectory, "--json"]
        )
        let replayed = try quell(["replay", file, "--quiet", "--json"])
        let decoder = JSONDecoder()
        let stored = try? decoder.decode(Stored.self, from: Data(recorded.text.utf8))
        let told = try? decoder.decode(Replayed.self, from: Data(replayed.text.utf8)).summary
        let isGood = recorded.status == 0 && replayed.status == 0
        return (stored?.ticks ?? 0, told?.ticks ?? 0, isGood ? nil : recorded.errors + replayed.errors)
    }

    /// Lets every VM go without the daemon.
    ///
    /// - Returns: What `quell release --all` did.
    /// - Throws: ``BedError`` if it cannot be run.
    func releaseAll() throws(BedError) -> Shell.Output {
        let place = ["--state-dir", stateDirectory, "--run-dir", runDirectory, "--uri", bed.uri]
        return try quell(["release", "--all"] + place)
    }

    /// Whether `quell check` finds a threshold file good.
    ///
    /// - Parameter file: The file.
    /// - Returns: Whether it does.
    /// - Throws: ``BedError`` if it cannot be run.
    func accepts(_ file: String) throws(BedError) -> Bool { try quell(["check", file]).status == 0 }

    /// Runs `quell`.
    ///
    /// - Parameter arguments: Its arguments.
    /// - Returns: What it printed, and its exit status.
    /// - Throws: ``BedError`` if it cannot be run, or does not end within a minute and a half.
    func quell(_ arguments: [String]) throws(BedError) -> Shell.Output {
        try Shell.attempt([binaries + "/quell"] + arguments, limit: 90)
    }
}
