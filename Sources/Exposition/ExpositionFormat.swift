/// How metrics are written for whoever scrapes them.
public enum ExpositionFormat: Sendable, CaseIterable {
    /// OpenMetrics 1.0.
    case openMetrics
    /// Prometheus' text format 0.0.4.
    case plainText

    /// What an HTTP answer in this format says that it is.
    public var contentType: String {
        switch self {
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .plainText: "text/plain; version=0.0.4; charset=utf-8"
        }
    }

    /// The format that a scraper likes best of those that there are; plain text where it names neither.
    ///
    /// - Parameter accept: The header `Accept` of its request (RFC 9110, section 12.5.1).
    public init(accept: String) {
        var best = (quality: 0.0, isOpen: false)
        for part in accept.split(separator: ",").prefix(32) {
            let fields = part.split(separator: ";").map { field in
                String(field.filter { $0 != " " && $0 != "\t" && $0 != "\"" }).lowercased()
            }
            guard let type = fields.first else { continue }
            let value = { (name: String) in
                fields.dropFirst().first { $0.hasPrefix(name + "=") }.map { $0.dropFirst(name.count + 1) }
            }
            let quality = value("q").map { Double($0) ?? 0 } ?? 1
            let isOpen =
                type == "application/openmetrics-text" && ["1.0.0", "1.0.1"].contains(value("version") ?? "1.0.0")
            let isPlain = ["text/plain", "text/*", "*/*"].contains(type)
            // Of two that are liked as much OpenMetrics is the richer one.
            guard isOpen || isPlain, quality > best.quality || (quality == best.quality && quality > 0 && isOpen) else {
                continue
            }
            best = (quality, isOpen)
        }
        self = best.isOpen ? .openMetrics : .plainText
    }
}
