import Foundation

/// How the daemon was at one moment of a soak.
struct SoakNote {
    /// Lives of guests so far.
    var lives: Int
    /// VMs that it knew, and those that ran.
    var known: Int
    /// QEMU processes whose file libvirt had.
    var running: Int
    /// KiB of memory of its own, which no file backs.
    var anonymous: Int
    /// Its open descriptors.
    var descriptors: Int
    /// Its threads.
    var threads: Int
    /// Leases in force.
    var leases: Int
    /// Bytes of its ledger.
    var ledger: Int
    /// Seconds by which the last 300 ticks began late: 99 of 100, and the worst.
    var lag: (usual: Double, worst: Double)
    /// Seconds of CPU time since it started.
    var cpu: Double
    /// Ticks since it started.
    var ticks: Int

    /// Looks at a daemon.
    ///
    /// - Parameters:
    ///   - daemon: The daemon.
    ///   - lives: Lives of guests so far.
    /// - Throws: ``BedError`` if it does not answer.
    init(of daemon: Quelld, lives: Int) throws(BedError) {
        guard let pid = daemon.pid, daemon.isRunning else { throw .missing("quelld has ended") }
        let status = try daemon.status()
        self.lives = lives
        known = status.vms
        running = Files.names(in: "/run/libvirt/qemu").count { $0.hasSuffix(".pid") && $0 != "driver.pid" }
        var sizes: [Substring: Int] = [:]
        for line in (Files.text("/proc/\(pid)/status") ?? "").split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" })
            if words.count >= 2 { sizes[words[0]] = Int(words[1]) }
        }
        anonymous = sizes["RssAnon"] ?? 0
        threads = sizes["Threads"] ?? 0
        descriptors = Files.names(in: "/proc/\(pid)/fd").count
        leases = try daemon.leases()
        ledger = Files.names(in: daemon.stateDirectory).reduce(0) { sum, name in
            let facts = try? FileManager.default.attributesOfItem(atPath: daemon.stateDirectory + "/" + name)
            return sum + (facts?[.size] as? Int ?? 0)
        }
        lag = (status.tickLagP99 ?? 0, status.tickLagWorst ?? 0)
        cpu = CPUMeter.seconds(of: pid) ?? 0
        ticks = status.ticks
    }

    /// The note as a line for people.
    var text: String {
        "\(lives) lives: knows \(known) of \(running), \(anonymous) KiB, \(descriptors) descriptors, \(threads) threads, "
            + "\(leases) leases, ledger \(ledger) bytes, ticks late by \(Report.number(lag.usual * 1_000)) ms, "
            + "worst \(Report.number(lag.worst * 1_000)) ms"
    }
}

/// A part of a soak: the same figure of many notes as one.
struct SoakStretch {
    private let notes: ArraySlice<SoakNote>

    /// A tenth of all notes, from the first, which is number 0.
    ///
    /// - Parameters:
    ///   - tenth: Which.
    ///   - notes: All notes.
    init(_ tenth: Int, of notes: [SoakNote]) {
        self.notes = notes[notes.count * tenth / 10..<notes.count * (tenth + 1) / 10]
    }

    /// Lives of guests by the middle of it.
    var lives: Int { notes.isEmpty ? 0 : notes[notes.startIndex + notes.count / 2].lives }

    /// The median of a figure.
    ///
    /// - Parameter figure: The figure.
    /// - Returns: It, or 0 where there is no note.
    func median(_ figure: (SoakNote) -> Int) -> Double {
        let values = notes.map(figure).sorted()
        guard !values.isEmpty else { return 0 }
        return Double(values[(values.count - 1) / 2] + values[values.count / 2]) / 2
    }

    /// Seconds of CPU time of a tick and VM over the stretch.
    var cost: Double {
        guard let first = notes.first, let last = notes.last, last.ticks > first.ticks else { return 0 }
        let vms = notes.reduce(0.0) { $0 + Double($1.known) } / Double(notes.count)
        return (last.cpu - first.cpu) / Double(last.ticks - first.ticks) / max(1, vms)
    }
}
