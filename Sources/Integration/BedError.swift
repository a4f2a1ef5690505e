/// Why the testbed could not go on.
enum BedError: Error, CustomStringConvertible {
    /// A signal asked for the end.
    case interrupted
    /// A program could not be started at all.
    case cannotStart(program: String, why: String)
    /// A program ended with a failure.
    case failed(command: String, status: Int32, errors: String)
    /// A program or a condition took longer than it may.
    case late(what: String, seconds: Double)
    /// Something that the testbed needs is not here.
    case missing(String)
    /// A file could not be read, written or made.
    case file(path: String, why: String)

    /// The reason as a line for people.
    var description: String {
        switch self {
        case .interrupted: "interrupted by a signal"
        case .cannotStart(let program, let why): "cannot start \(program): \(why)"
        case .failed(let command, let status, let errors): "`\(command)` ended with \(status): \(errors)"
        case .late(let what, let seconds): "\(what): not within \(seconds) s"
        case .missing(let what): what
        case .file(let path, let why): "\(path): \(why)"
        }
    }
}
