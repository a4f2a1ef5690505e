import Foundation

extension Scene {
    /// Panels that have nothing to show on guests without pressure of that kind, or before a VM is known for long.
    private static let mayBeEmpty = ["Waiting for storage", "Waiting for memory", "Unlike themselves"]

    /// A real Prometheus scrapes the daemon while a guest is noisy, and its alerts reach a real Alertmanager.
    ///
    /// Every query of the shipped dashboard must have an answer. Who may ask at the control socket is looked at beside it.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func metrics(_ report: inout Report) throws(BedError) {
        try work()
        let port = try Ports.free()
        // In dry run the noise goes on, so that what lasts is told.
        let file = bed.directory + "/metrics.yaml"
        try Files.write(Self.enforce.replacing("mode: enforce", with: "mode: dry-run"), to: file)
        let daemon = try Quelld(
            on: bed,
            name: "metrics",
            policy: [Quelld.shippedPolicy, file],
            arguments: ["--metrics", "127.0.0.1:\(port)"]
        )
        try daemon.start()
        let begin = Moment.now
        let prometheus = try PrometheusBed(on: bed, scraping: port)
        try shippedFiles(&report)
        try exposition("http://127.0.0.1:\(port)/metrics", &report)
        try askers(daemon, &report)
        try Wait.seconds(max(0, Self.warmUp - begin.age))

        try noisy.tell("spin")
        try noise(prometheus, &report)
        let held = try daemon.quell(
            ["hold", noisy.name, "--step", "50%", "--reason", "metrics", "--run-dir", daemon.runDirectory]
        )
        report.check(held.status == 0, "held by hand: \(held.text.split(separator: "\n").first ?? "") \(held.errors)")
        try Wait.seconds(4)
        let isHeld = try prometheus.values("quell_vm_held{vm=\"\(noisy.name)\", origin=\"person\", step=\"50%\"}")
        report.check(isHeld == [1], "Prometheus knows who is held")
        try dashboard(prometheus, &report)
        try scrapes(prometheus, &report)
        endWell(daemon, &report)
        try rest()
        try socketOnly(&report)
    }

    /// The shipped rules, routes and configuration pass the tools that come with Prometheus and the Alertmanager.
    private func shippedFiles(_ report: inout Report) throws(BedError) {
        let place = PrometheusBed.shipped
        for command in [
            ["promtool", "check", "rules", "quell.rules.yml"], ["promtool", "test", "rules", "quell.rules.test.yml"],
            ["promtool", "check", "config", "prometheus.yml"], ["amtool", "check-config", "alertmanager.yml"],
        ] {
            let output = try Shell.attempt(command, in: place)
            report.check(output.status == 0, command.joined(separator: " "))
            if output.status != 0 { say(output.text + output.errors) }
        }
    }

    /// Both formats are what they say, and promtool finds nothing in the text.
    private func exposition(_ address: String, _ report: inout Report) throws(BedError) {
        let plain = try Shell.run(["curl", "-fsS", "-i", address])
        report.check(plain.contains("text/plain; version=0.0.4"), "plain text where nothing else is asked for")
        let text = try Shell.run(["curl", "-fsS", address])
        let lint = try Shell.attempt(["promtool", "check", "metrics"], input: text)
        report.check(lint.status == 0, "promtool check metrics: \(lint.errors.prefix(500))")
        let accept = "Accept: application/openmetrics-text; version=1.0.0"
        let open = try Shell.run(["curl", "-fsS", "-i", "-H", accept, address])
        report.check(
            open.contains("application/openmetrics-text; version=1.0.0") && open.hasSuffix("\n# EOF\n"),
            "OpenMetrics where it is asked for"
        )
        let guests = guests.filter { !text.contains("quell_vm_info{vm=\"\($0.name)\",uuid=\"\($0.uuid)\",tenant=") }
        report.check(guests.isEmpty, "every guest is told of; missing: \(list(guests.map(\.name)))")
        say(
            "  \(text.utf8.count) bytes, \(text.split(separator: "\n").count { !$0.hasPrefix("#") }) samples of 4 guests"
        )
    }

    /// Who may ask at the control socket, whatever its mode lets through.
    private func askers(_ daemon: Quelld, _ report: inout Report) throws(BedError) {
        let program = bed.directory + "/quell"
        try Shell.run(["cp", daemon.binaries + "/quell", program])
        try Shell.run(["chmod", "755", program, daemon.runDirectory])
        try Shell.run(["chmod", "666", daemon.runDirectory + "/control.sock"])
        let ask = { (groups: [String], words: [String]) throws(BedError) in
            try Shell.attempt(
                ["setpriv", "--reuid=65534", "--regid=65534"] + groups + ["--", program] + words
                    + ["--run-dir", daemon.runDirectory]
            )
        }
        let stranger = try ask(["--clear-groups"], ["status"])
        report.check(
            stranger.status != 0 && stranger.errors.contains("only root and members of the group 'root' may ask"),
            "a stranger is refused although the mode lets them in: \(stranger.errors.prefix(120))"
        )
        // The daemon under test runs as root, so that its socket's group is root's.
        let member = try ask(["--groups=0"], ["status"])
        report.check(member.status == 0, "a member of the socket's group is answered \(member.errors.prefix(120))")
        let change = try ask(["--groups=0"], ["arm"])
        report.check(
            change.status != 0 && change.errors.contains("'arm' is for root alone"),
            "and may change nothing: \(change.errors.prefix(120))"
        )
        try Shell.run(["chmod", "660", daemon.runDirectory + "/control.sock"])
    }

    /// The noise is seen by Prometheus, and what lasts reaches the Alertmanager with its tenant.
    private func noise(_ prometheus: PrometheusBed, _ report: inout Report) throws(BedError) {
        let start = Moment.now
        var alert: (labels: [String: String], receivers: [String])?
        while alert == nil, start.age < 40 {
            try Wait.seconds(1)
            alert = try prometheus.alerts().first { $0.labels["alertname"] == "QuellVMHurtOn" }
        }
        let labels = alert?.labels ?? [:]
        report.check(
            alert != nil,
            "a guest that stays hurt reaches the Alertmanager after \(Report.number(start.age)) s"
        )
        let victim = victims.first { $0.name == labels["vm"] && $0.uuid == labels["uuid"] }
        let isWhole = labels["severity"] == "critical" && ["a", "b"].contains(labels["tenant"] ?? "")
        let told = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        report.check(victim != nil && isWhole, "it names the guest, its tenant and how bad it is: \(told)")
        report.check(alert?.receivers == ["operators-now"], "it goes to \(alert?.receivers ?? [])")
        let vm = "vm=\"\(noisy.name)\""
        let use = try prometheus.values("quell_vm_cpu_usage_cores{\(vm)}")?.first ?? 0
        report.check(use > 0.5, "the noisy guest uses \(Report.number(use)) cores by Prometheus' account")
        let blamed = try prometheus.values("max_over_time(quell_vm_blamed_victims{\(vm)}[40s])")?.first ?? 0
        report.check(blamed >= 1, "and is blamed for \(Int(blamed)) others")
    }

    /// Every query of the dashboard is answered, and all that must have something to show have it.
    private func dashboard(_ prometheus: PrometheusBed, _ report: inout Report) throws(BedError) {
        let queries = try Dashboard().queries
        var wrong: [String] = []
        var empty: [String] = []
        let shots = ProcessInfo.processInfo.environment["QUELL_SHOTS"]
        let now = Date().timeIntervalSince1970
        for (number, query) in queries.enumerated() {
            guard let values = try prometheus.values(query.text) else {
                wrong.append("\(query.panel): \(try prometheus.ask("query", ["query": query.text]).text.prefix(300))")
                continue
            }
            if values.isEmpty, !Self.mayBeEmpty.contains(query.panel) { empty.append(query.panel) }
            guard let shots else { continue }
            let parameters = ["query": query.text, "start": "\(now - 90)", "end": "\(now)", "step": "1"]
            let range = try prometheus.ask("query_range", parameters).text
            let facts = ["panel": query.panel, "legend": query.legend, "query": query.text]
            let head = (try? JSONEncoder().encode(facts)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
            try Files.makeDirectory(shots)
            let name = String(format: "/dashboard-%02d.json", number)
            try Files.write("{\"about\":\(head),\"answer\":\(range)}\n", to: shots + name)
        }
        report.check(wrong.isEmpty, "\(queries.count) queries of the dashboard are answered; wrong: \(list(wrong))")
        report.check(empty.isEmpty, "they have something to show; empty: \(list(empty))")
    }

    /// Prometheus took every scrape, in the format that has units.
    private func scrapes(_ prometheus: PrometheusBed, _ report: inout Report) throws(BedError) {
        let up = try prometheus.values("min_over_time(up{job=\"quell\"}[60s])")
        report.check(up == [1], "no scrape failed")
        let seconds = try prometheus.values("max_over_time(scrape_duration_seconds{job=\"quell\"}[60s])")?.first ?? -1
        let samples = try prometheus.values("scrape_samples_scraped{job=\"quell\"}")?.first ?? 0
        say("  \(Int(samples)) samples a scrape, \(Report.number(seconds * 1_000)) ms at most")
        let unit = try prometheus.ask("metadata", ["metric": "quell_vm_mem_rss_bytes"]).text
        report.check(unit.contains("\"unit\":\"bytes\""), "Prometheus scraped OpenMetrics, which alone tells units")
        let rules = try prometheus.ask("rules").text
        report.check(!rules.contains("\"health\":\"err\""), "every alert rule can be evaluated on real data")
    }

    /// The same from a socket in the file system, by itself and through systemd's proxy.
    private func socketOnly(_ report: inout Report) throws(BedError) {
        let path = bed.directory + "/metrics.sock"
        let daemon = try Quelld(on: bed, name: "metrics2", policy: [], arguments: ["--metrics", "unix:" + path])
        try daemon.start()
        try Wait.until("the socket is there", limit: 10, step: 0.1) { FileManager.default.fileExists(atPath: path) }
        let mode = try Shell.run(["stat", "-c", "%a", path]).trimmingCharacters(in: .whitespacesAndNewlines)
        report.check(mode == "660", "a socket of mode \(mode)")
        let text = try Shell.run(["curl", "-fsS", "--unix-socket", path, "http://quell/metrics"])
        report.check(text.contains("quell_build_info{version="), "scraped at a socket in the file system")
        let port = try Ports.free()
        let proxy = ["systemd-socket-activate", "-l", "127.0.0.1:\(port)", "/lib/systemd/systemd-socket-proxyd", path]
        // It closes every descriptor, that too by which Foundation sees the end of a child: the shell keeps that one open.
        try bed.launch(["sh", "-c", "trap 'kill $!' TERM; \"$@\" & wait", "sh"] + proxy, log: "proxy")
        var answer = ""
        try Wait.until("the proxy answers", limit: 10, step: 0.2) { () throws(BedError) in
            answer = try Shell.attempt(["curl", "-fsS", "-m", "5", "http://127.0.0.1:\(port)/metrics"]).text
            return !answer.isEmpty
        }
        report.check(answer.contains("quell_build_info{version="), "and through systemd's proxy at a port")
        endWell(daemon, &report)
        report.check(!FileManager.default.fileExists(atPath: path), "the socket is gone with the daemon")
        bed.endDaemonsUnderTest()
    }
}
