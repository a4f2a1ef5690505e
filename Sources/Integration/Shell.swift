import Foundation

/// Programs that run to their end: what they print is caught, and none runs longer than it may.
enum Shell {
    /// What a program left behind.
    struct Output {
        /// Its exit status; the negative number of the signal that ended it, if one did.
        var status: Int32
        /// What it wrote to its standard output.
        var text: String
        /// What it wrote to its standard error.
        var errors: String
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - command: The program, looked up in `PATH`, and its arguments.
    ///   - input: What it reads from its standard input.
    ///   - directory: Where it runs; here by default.
    ///   - limit: Seconds after which it is killed.
    ///   - shielded: Whether it runs on although the end was asked for: the clean-up needs that.
    /// - Returns: What it printed, where it ended with 0.
    /// - Throws: ``BedError`` if it cannot be started, fails or takes too long.
    @discardableResult
    static func run(
        _ command: [String],
        input: String? = nil,
        in directory: String? = nil,
        limit: Double = 30,
        shielded: Bool = false
    ) throws(BedError) -> String {
        let output = try attempt(command, input: input, in: directory, limit: limit, shielded: shielded)
        guard output.status == 0 else {
            throw .failed(
                command: command.joined(separator: " "),
                status: output.status,
                errors: output.errors.trimmingCharacters(in: .whitespacesAndNewlines)
            )
        }
        return output.text
    }

    /// Runs a program to its end, whatever its exit status.
    ///
    /// Output goes through files, so that no pipe can fill up and block it.
    ///
    /// - Parameters:
    ///   - command: The program, looked up in `PATH`, and its arguments.
    ///   - input: What it reads from its standard input.
    ///   - directory: Where it runs; here by default.
    ///   - limit: Seconds after which it is killed.
    ///   - shielded: Whether it runs on although the end was asked for.
    /// - Returns: Its exit status and what it printed.
    /// - Throws: ``BedError`` if it cannot be started or takes too long.
    static func attempt(
        _ command: [String],
        input: String? = nil,
        in directory: String? = nil,
        limit: Double = 30,
        shielded: Bool = false
    ) throws(BedError) -> Output {
        let scratch = try Files.temporaryDirectory(prefix: "quell-shell")
        defer { Files.removeTree(scratch) }
        if let input { try Files.write(input, to: scratch + "/in") }
        let child = try Child.start(
            command,
            input: input == nil ? nil : scratch + "/in",
            output: scratch + "/out",
            errors: scratch + "/err",
            in: directory
        )
        do throws(BedError) {
            let end = ContinuousClock.now + .seconds(limit)
            while child.isRunning {
                if !shielded { try Interrupt.check() }
                if ContinuousClock.now > end {
                    throw .late(what: command.joined(separator: " "), seconds: limit)
                }
                Thread.sleep(forTimeInterval: 0.002)
            }
        } catch {
            child.end(patience: 1)
            throw error
        }
        return Output(
            status: child.status,
            text: Files.text(scratch + "/out") ?? "",
            errors: Files.text(scratch + "/err") ?? ""
        )
    }
}
