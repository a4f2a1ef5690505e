import Foundation
import Glibc

/// The figures of a run, for the page of evidence: written where `QUELL_EVIDENCE` names a directory, else nowhere.
struct EvidenceFile {
    /// What was shown.
    let title: String
    /// What to type to have it again.
    let command: String
    private var rows: [(figure: String, value: String, meaning: String)] = []

    /// A file without figures.
    ///
    /// - Parameters:
    ///   - title: What was shown.
    ///   - command: What to type to have it again.
    init(title: String, command: String) {
        self.title = title
        self.command = command
    }

    /// Adds a figure.
    ///
    /// - Parameters:
    ///   - figure: Its name, without tabs.
    ///   - value: Its value with its unit.
    ///   - meaning: What it is.
    mutating func add(_ figure: String, _ value: String, _ meaning: String) { rows.append((figure, value, meaning)) }

    /// Writes the file, if anybody asked for it.
    ///
    /// - Parameter name: The file's name without its ending.
    /// - Throws: ``BedError/file(path:why:)``.
    func write(_ name: String) throws(BedError) {
        guard let directory = ProcessInfo.processInfo.environment["QUELL_EVIDENCE"], !directory.isEmpty else { return }
        try Files.makeDirectory(directory)
        let date = ISO8601DateFormatter.string(from: Date(), timeZone: .gmt, formatOptions: [.withFullDate])
        var text = "# title: \(title)\n# command: \(command)\n# date: \(date)\n# host: \(Self.host)\n"
        text += "figure\tvalue\tmeaning\n"
        for row in rows { text += "\(row.figure)\t\(row.value)\t\(row.meaning)\n" }
        try Files.write(text, to: directory + "/" + name + ".tsv")
        say("figures: \(directory)/\(name).tsv")
    }

    /// What ran it.
    private static var host: String {
        let kernel = (Files.text("/proc/sys/kernel/osrelease") ?? "").split(separator: ".").prefix(2)
        let isUnified = Files.text("/sys/fs/cgroup/cgroup.controllers") != nil
        return "\(ProcessInfo.processInfo.processorCount) CPUs, Linux \(kernel.joined(separator: ".")), "
            + (isUnified ? "cgroup v2" : "cgroup v1 beside v2") + ", guests emulated (TCG)"
    }
}
