import QuellRuntime
import Testing

@Suite("Where metrics are to be had")
struct MetricsAddressTests {
    @Test(
        "A socket in the file system or a loopback port is accepted, and written so that it reads the same",
        arguments: [
            ("unix:/run/quell/metrics.sock", MetricsAddress.unix("/run/quell/metrics.sock")),
            ("127.0.0.1:19177", .loopback("127.0.0.1", port: 19_177)), ("localhost:1", .loopback("127.0.0.1", port: 1)),
            ("[::1]:65535", .loopback("::1", port: 65_535)),
            ("unix:/" + String(repeating: "a", count: 106), .unix("/" + String(repeating: "a", count: 106))),
        ]
    )
    func good(text: String, address: MetricsAddress) throws {
        #expect(MetricsAddress(text) == address)
        #expect(MetricsAddress(address.text) == address)
    }

    @Test(
        "Anything else is refused, what other hosts can reach above all",
        arguments: [
            "", "unix:", "unix:run", "unix:/", "0.0.0.0:9000", "[::]:9000", ":9000", "9000", "192.168.0.1:9000",
            "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+1", "127.0.0.1:٣", "::1:9000",
            "example.org:9000", "127.0.0.1.evil.org:9000", "unix:/a\u{0}b",
            "unix:/" + String(repeating: "a", count: 107),
        ]
    )
    func bad(text: String) {
        #expect(MetricsAddress(text) == nil)
    }
}
