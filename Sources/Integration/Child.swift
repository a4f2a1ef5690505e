import Foundation
import Glibc

/// A program that this run started: the only kind of process that it ever ends.
final class Child {
    private let process: Process

    private init(_ process: Process) {
        self.process = process
    }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - command: The program, looked up in `PATH`, and its arguments.
    ///   - input: The file that it reads; nothing by default.
    ///   - output: The file that takes its standard output.
    ///   - errors: The file that takes its standard error; the same as `output` by default.
    ///   - directory: Where it runs; here by default.
    /// - Returns: The running program.
    /// - Throws: ``BedError/cannotStart(program:why:)``.
    static func start(
        _ command: [String],
        input: String? = nil,
        output: String,
        errors: String? = nil,
        in directory: String? = nil
    ) throws(BedError) -> Child {
        guard let name = command.first else { throw .cannotStart(program: "", why: "no program given") }
        guard let program = path(of: name) else { throw .cannotStart(program: name, why: "not found in PATH") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = Array(command.dropFirst())
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        process.standardInput = input.flatMap { FileHandle(forReadingAtPath: $0) } ?? FileHandle.nullDevice
        let outputHandle = try Files.appending(output)
        process.standardOutput = outputHandle
        process.standardError = try errors.map { path throws(BedError) in try Files.appending(path) } ?? outputHandle
        do {
            try process.run()
        } catch {
            throw .cannotStart(program: program, why: "\(error)")
        }
        return Child(process)
    }

    /// Its process id.
    var pid: Int32 { process.processIdentifier }
    /// Whether it has not ended yet.
    var isRunning: Bool { process.isRunning }
    /// Its exit status once it has ended; the negative number of the signal that ended it, if one did.
    var status: Int32 {
        process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
    }

    /// Sends it a signal.
    ///
    /// - Parameter number: The signal's number.
    func signal(_ number: Int32) {
        if process.isRunning { _ = kill(pid, number) }
    }

    /// Ends it: SIGTERM, then SIGKILL if it does not go.
    ///
    /// - Parameter patience: Seconds between the two.
    func end(patience: Double = 10) {
        signal(SIGTERM)
        if !waitForEnd(patience) {
            signal(SIGKILL)
            waitForEnd(5)
        }
    }

    /// Waits for its end, also while an interrupt is pending.
    ///
    /// - Parameter seconds: The longest wait.
    /// - Returns: Whether it has ended.
    @discardableResult
    func waitForEnd(_ seconds: Double) -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            if ContinuousClock.now > end { return false }
            Thread.sleep(forTimeInterval: 0.005)
        }
        return true
    }

    /// The full path of a program, or `nil` where `PATH` has none of that name.
    ///
    /// - Parameter name: The program's name or path.
    /// - Returns: The path.
    static func path(of name: String) -> String? {
        if name.contains("/") { return name }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
        return folders.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
