import Foundation

/// A Prometheus and an Alertmanager of Debian's packages, on what the repository ships for them.
struct PrometheusBed {
    /// Where Prometheus answers.
    let prometheus: String
    /// Where the Alertmanager answers.
    let alertmanager: String
    /// The shipped files.
    static var shipped: String { FileManager.default.currentDirectoryPath + "/Units/prometheus" }

    /// Starts both, on the shipped rules with short waits and the shipped example of routes.
    ///
    /// - Parameters:
    ///   - bed: Where their files go, and what ends them.
    ///   - port: Where quelld is scraped, every second.
    /// - Throws: ``BedError`` if one does not come up.
    init(on bed: Bed, scraping port: Int) throws(BedError) {
        let own = bed.directory + "/prometheus"
        try Files.makeDirectory(own)
        // What is waited for is shortened alone: expressions, labels and texts are those that are shipped.
        let rules = Files.text(Self.shipped + "/quell.rules.yml") ?? ""
        let hasty = rules.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.trimmingCharacters(in: .whitespaces).hasPrefix("for: ") ? "        for: 3s" : String(line)
        }
        try Files.write(hasty.joined(separator: "\n"), to: own + "/quell.rules.yml")
        let routes = (Files.text(Self.shipped + "/alertmanager.yml") ?? "").replacing("10s", with: "1s")
        try Files.write(routes, to: own + "/alertmanager.yml")
        let (first, second) = (try Ports.free(), try Ports.free())
        let configuration = (Files.text(Self.shipped + "/prometheus.yml") ?? "").replacing("15s", with: "1s")
            .replacing("10s", with: "1s").replacing("19177", with: "\(port)").replacing("9093", with: "\(second)")
        try Files.write(configuration, to: own + "/prometheus.yml")
        prometheus = "http://127.0.0.1:\(first)"
        alertmanager = "http://127.0.0.1:\(second)"
        try bed.launch(
            [
                "prometheus-alertmanager", "--config.file=\(own)/alertmanager.yml", "--storage.path=\(own)/alerts",
                "--web.listen-address=127.0.0.1:\(second)", "--cluster.listen-address=",
            ],
            log: "alertmanager"
        )
        try bed.launch(
            [
                "prometheus", "--config.file=\(own)/prometheus.yml", "--storage.tsdb.path=\(own)/series",
                "--web.listen-address=127.0.0.1:\(first)",
            ],
            log: "prometheus"
        )
        for address in [prometheus, alertmanager] {
            try Wait.until("\(address) is ready", limit: 30, step: 0.2) { () throws(BedError) in
                try Shell.attempt(["curl", "-fsS", "-m", "5", address + "/-/ready"]).status == 0
            }
        }
    }

    /// Asks Prometheus.
    ///
    /// - Parameters:
    ///   - path: What, such as `query`.
    ///   - parameters: How.
    /// - Returns: The answer, and its part `data`; `nil` where Prometheus finds the question wrong.
    /// - Throws: ``BedError`` if it does not answer.
    func ask(_ path: String, _ parameters: [String: String] = [:]) throws(BedError) -> (text: String, data: Any?) {
        var command = ["curl", "-sS", "-m", "20", "-G", prometheus + "/api/v1/" + path]
        for (name, value) in parameters { command += ["--data-urlencode", "\(name)=\(value)"] }
        let text = try Shell.run(command)
        let answer = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return (text, answer?["status"] as? String == "success" ? answer?["data"] : nil)
    }

    /// The values of a query now.
    ///
    /// - Parameter query: The query.
    /// - Returns: One value for each series; `nil` where Prometheus finds the query wrong.
    /// - Throws: ``BedError`` if it does not answer.
    func values(_ query: String) throws(BedError) -> [Double]? {
        guard let data = try ask("query", ["query": query]).data as? [String: Any] else { return nil }
        let results = data["result"] as? [[String: Any]] ?? []
        return results.compactMap { ($0["value"] as? [Any])?.last as? String }.compactMap { Double($0) }
    }

    /// The alerts that the Alertmanager has, each by its labels, with the receivers that it goes to.
    ///
    /// - Returns: The alerts.
    /// - Throws: ``BedError`` if it does not answer.
    func alerts() throws(BedError) -> [(labels: [String: String], receivers: [String])] {
        let text = try Shell.run(["curl", "-fsS", "-m", "20", alertmanager + "/api/v2/alerts"])
        let alerts = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [[String: Any]] ?? []
        return alerts.map { alert in
            let receivers = (alert["receivers"] as? [[String: String]] ?? []).compactMap { $0["name"] }
            return (alert["labels"] as? [String: String] ?? [:], receivers)
        }
    }
}

/// The panels of the shipped dashboard.
struct Dashboard {
    /// One query of a panel.
    struct Query {
        /// The panel's title.
        var panel: String
        /// What it says of a series.
        var legend: String
        /// The query, with every variable filled in.
        var text: String
    }

    /// Its queries.
    let queries: [Query]

    /// Reads the shipped dashboard.
    ///
    /// - Throws: ``BedError/missing(_:)`` where it is no dashboard.
    init() throws(BedError) {
        let text = Files.text(PrometheusBed.shipped + "/quell-dashboard.json") ?? ""
        guard let board = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
            let panels = board["panels"] as? [[String: Any]]
        else { throw .missing("the dashboard is no JSON object with panels") }
        queries = panels.flatMap { panel in
            (panel["targets"] as? [[String: Any]] ?? []).map { target in
                let query = (target["expr"] as? String ?? "").replacing("$__rate_interval", with: "15s")
                    .replacing("$instance", with: ".*").replacing("$tenant", with: ".*")
                return Query(
                    panel: panel["title"] as? String ?? "?",
                    legend: target["legendFormat"] as? String ?? "",
                    text: query
                )
            }
        }
    }
}
