/// Where metrics are to be had: a socket in the file system, or a port that only this host reaches.
public enum MetricsAddress: Sendable, Equatable {
    /// A socket at this path.
    case unix(String)
    /// A port of a loopback address.
    case loopback(String, port: Int)

    /// What is accepted.
    public static let accepted = "unix:/PATH, 127.0.0.1:PORT or [::1]:PORT"

    /// The place that a text means; `nil` for any other than ``accepted``, addresses that other hosts reach among them.
    ///
    /// - Parameter text: The text.
    public init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = text.dropFirst("unix:".count)
            // `sockaddr_un` has room for 107 bytes and the zero behind them (`unix(7)`).
            guard path.hasPrefix("/"), path.count > 1, path.utf8.count <= 107, !path.utf8.contains(0) else {
                return nil
            }
            self = .unix(String(path))
            return
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard let port = Int(digits), (1...65_535).contains(port), digits.allSatisfy({ ("0"..."9").contains($0) })
        else {
            return nil
        }
        switch text[..<colon] {
        case "127.0.0.1", "localhost": self = .loopback("127.0.0.1", port: port)
        case "[::1]": self = .loopback("::1", port: port)
        default: return nil
        }
    }

    /// The place as the command line takes it.
    public var text: String {
        switch self {
        case .unix(let path): "unix:" + path
        case .loopback(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
