internal import Detection
internal import Enforcement
internal import Foundation
internal import Libvirt
internal import Policy
internal import Reporting
internal import Signals

extension FuzzParser {
    /// Documents of others and of ours: domain XML, threshold files, the ledger, requests.
    static let documents: [FuzzParser] = [
        FuzzParser(
            "domain-xml",
            seeds: [domain, "<domain><name>a</name><uuid>\(uuid)</uuid></domain>"].map { Array($0.utf8) },
            words: [
                "<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE", "&amp;", "&#x10FFFF;", "&#0;", "xmlns:a='b'", "</",
                "/>", "<?", "?>", "<metadata>", "<domain>",
            ],
            weight: 200,
            longest: DomainDescription.sizeLimit,
            feed: feedDomain
        ),
        FuzzParser(
            "policy",
            seeds: [policy, smallPolicy, policyOfSteps].map { Array($0.utf8) },
            words: [
                "rules:", "  - ", ": ", "{", "[", "&a", "*a", "!!", "---", "200 MiB/s", "3 sigma", "none", "|",
                "windows:", "22:00", "24:00", "mon", "quarantine", "suspend", "35%", "gold 60%", "0-8191", "start: [",
            ],
            weight: 60,
            longest: 1 << 13,
            feed: feedPolicy
        ),
        FuzzParser("ledger", seeds: ledgers, weight: 100, longest: 1 << 16, feed: feedLedger),
        FuzzParser(
            "ledger-record",
            seeds: records.map { Array($0.utf8) },
            words: ["\"kind\":", "null", "\"open\"", "\"v\":2", "{}", "[]", "1e400", "\\u0000", "-1"],
            weight: 100,
            longest: 1 << 14
        ) { feedLedger(checked($0)) },
        FuzzParser(
            "control-request",
            seeds: [
                #"{"kind":"release","vm":"web-1"}"#, #"{"kind":"status"}"#,
                #"{"kind":"disarm","reason":"r","who":"w"}"#,
                #"{"kind":"hold","vm":"web-1","step":"35%","over":"disk","seconds":60}"#,
            ].map { Array($0.utf8) },
            words: [
                "\"kind\"", "\"vm\"", "\"seconds\"", "\"who\":\"root\"", "\"user\":0", "1e999", "null", "{", "\\ud800",
                "[[[[",
            ],
            weight: 200,
            longest: ControlServer.longestRequest,
            feed: feedRequest
        ),
        FuzzParser(
            "series",
            seeds: [
                "timestamp,value\n2014-02-14 14:30:00,0.132\n2014-02-14 14:35:00.250000,\n",
                "timestamp,cpu,value\r\n12.5,1,-3e2\r\n\r\n13.5,1,nan\r\n", "0,1\n1,2\n",
            ].map { Array($0.utf8) },
            words: ["timestamp", "value", ",", "\"", "2024-02-29 23:59:60", "T", "Z", "nan", "1e308", "1e400", "-0"],
            weight: 200,
            longest: 1 << 14,
            feed: feedSeries
        ),
    ]

    private static let uuid = "8e5a4d1c-7a53-4a52-9d0e-3f0b5c1d2e6f"

    private static let domain = """
        <domain type='kvm' id='7'><name>web&amp;1</name><uuid>\(uuid)</uuid><memory unit='KiB'>1048576</memory>
        <metadata><q:vm xmlns:q='urn:quell:vm:1' tenant='t' class='batch'/>
        <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1"><nova:owner>
        <nova:project uuid="5f5e">p</nova:project></nova:owner></nova:instance></metadata>
        <vcpu current='1'>2</vcpu><cputune><shares>512</shares><period>100000</period><quota>-1</quota></cputune>
        <devices><!-- c --><disk><source file='/a.img'/><target dev='vda'/></disk>
        <interface><target dev='vnet0'/></interface><hostdev type='pci'><source>
        <address domain='0x0000' bus='0x3b' slot='0x00' function='0x0'/></source></hostdev>
        <memballoon model='virtio'><stats period='5'/></memballoon></devices><x><![CDATA[y]]></x></domain>
        """

    private static let smallPolicy = """
        rules:
          - name: a
            signal: cpu.usage
            role: suspect
            above: 2.5 cores

        """

    private static let policyOfSteps = """
        memory-high: no
        limits: {quarantined-vms: 1, suspended-vms: 0}
        quarantine:
          cpus: 0-1,8
          links: anti-spoof
          share: 20%
        windows:
          - name: backups
            days: [mon, sun]
            from: 22:00
            to: "06:30"
            then: observe
            vms: [db-1]
            classes: [batch]
        ladders:
          last-resort:
            contention: disk
            steps: [60%, 35%, quarantine, suspend]
            start: [batch 35%, night jobs quarantine]
            ceiling: [gold 60%, batch suspend]
            suspend-for: 20 s
            lease: 10 min
        rules:
          - name: io
            signal: io.pressure.full
            role: victim
            above: 200 ms/s
            ladder: last-resort

        """

    private static let policy = """
        version: 1
        mode: dry-run  # comment
        limits:
          held-vms: 2
          held-vcpu-share: 25%
        protect:
          tenants: [ops, "a b"]
        ladders:
          cpu-throttle:
            contention: cpu
            steps: [60%, 35%, 20%]
            lease: 5 min
        rules:
          - name: cpu-starved
            summary: 'steal'
            signal: cpu.run_delay
            role: victim
            severity: warning
            above: 60 ms/s
            deviation: 4 sigma
            for: 3 s
            ladder: cpu-throttle
          - name: big-reader
            signal: disk.read_bytes
            role: suspect
            above: 200 MiB/s
            classes: [batch]

        """

    /// Feeds a domain's XML; what is taken is within its bounds.
    @Sendable
    private static func feedDomain(_ bytes: [UInt8]) -> FuzzOutcome {
        guard let domain = try? DomainDescription(xml: bytes) else { return .refused }
        guard (1...1 << 16).contains(domain.vcpus) else { return .broken("\(domain.vcpus) vCPUs") }
        for text in [domain.name] + domain.tapNames + domain.tenants {
            if text.isEmpty || text.unicodeScalars.count > 1_024 || text.unicodeScalars.contains(where: { $0 < " " }) {
                return .broken("'\(text.debugDescription)' is no label")
            }
        }
        return .taken
    }

    /// Feeds a request; who asks is never in its text, what is taken reads the same again, and a refusal is fit to be shown.
    @Sendable
    private static func feedRequest(_ bytes: [UInt8]) -> FuzzOutcome {
        do throws(ControlProblem) {
            let request = try ControlRequest(line: bytes)
            guard request.who == nil, request.user == nil else { return .broken("the text says who asks") }
            guard let again = try? JSONEncoder().encode(request) else { return .taken }
            return try ControlRequest(line: [UInt8](again)) == request ? .taken : .broken("it is read otherwise")
        } catch {
            let isPlain = !error.error.isEmpty && error.error.unicodeScalars.allSatisfy { $0 >= " " }
            return isPlain ? .refused : .broken("refused with \(error.error.debugDescription)")
        }
    }

    /// Feeds a threshold file; each problem is at a place in it and fit to be shown.
    @Sendable
    private static func feedPolicy(_ bytes: [UInt8]) -> FuzzOutcome {
        do throws(PolicyErrors) {
            _ = try PolicyLoader.load([("fuzz.yaml", bytes)])
            return .taken
        } catch {
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).count
            if error.problems.isEmpty { return .broken("a file is refused without a reason") }
            for problem in error.problems {
                guard (1...lines + 1).contains(problem.line), problem.column >= 1 else {
                    return .broken("line \(problem.line) is not in the file: \(problem)")
                }
                if problem.description.unicodeScalars.contains(where: { $0 < " " }) {
                    return .broken("a control character is shown: \(problem.description.debugDescription)")
                }
            }
            return .refused
        }
    }

    /// Feeds a series; what is taken is finite or missing, and its timestamps and an error's line are in the file.
    @Sendable
    private static func feedSeries(_ bytes: [UInt8]) -> FuzzOutcome {
        do throws(SeriesError) {
            let rows = try SeriesParser.rows(bytes)
            for row in rows {
                guard row.time.isFinite, row.value.isFinite || row.value.isNaN else { return .broken("\(row)") }
                guard row.timestamp.lowerBound >= 0, row.timestamp.upperBound <= bytes.count, !row.timestamp.isEmpty
                else {
                    return .broken("the timestamp at \(row.timestamp) is not in the file")
                }
            }
            return rows.isEmpty ? .refused : .taken
        } catch {
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).count
            guard (1...lines).contains(error.line) else { return .broken("line \(error.line) is not in the file") }
            if error.description.unicodeScalars.contains(where: { $0 < " " }) {
                return .broken("a control character is shown: \(error.description.debugDescription)")
            }
            return .refused
        }
    }

    /// Feeds the bytes of a ledger; what was understood, written and read again is the same.
    @Sendable
    private static func feedLedger(_ bytes: [UInt8]) -> FuzzOutcome {
        do throws(LedgerError) {
            let reading = try LedgerReading(bytes, path: "ledger")
            let again = try LedgerReading(reading.image.encoded(), path: "ledger")
            guard again.image == reading.image, again.damage.isEmpty, again.endsWhole else {
                return .broken("a ledger that is written again says something else")
            }
            return reading.damage.isEmpty && !bytes.isEmpty ? .taken : .refused
        } catch {
            if case .unsupportedVersion = error { return .refused }
            return .broken("\(error)")
        }
    }

    /// Records as JSON: a lease that is opened, confirmed and closed.
    private static let records: [String] = {
        let vm = VMIdentity(uuid: VMUUID(high: 1, low: 2), generation: 215_515)
        let order = HoldOrder(
            vm: vm,
            name: "web-1",
            vcpus: 2,
            step: .throttle(0.5),
            term: 60,
            rule: "steal",
            victim: vm,
            victimName: "db-1"
        )
        let now = Lease.Moment(wall: 1_700_000_000_000_000_000, boot: MonotonicTime(seconds: 9_000))
        let free = Setting.quota(VCPUQuota(period: 100_000, quota: nil))
        let held = Setting.quota(VCPUQuota(period: 100_000, quota: 50_000))
        let lease = Lease(order: order, knob: .vcpuQuota, before: free, pending: held, now: now, bootID: uuid)
        let text = (try? JSONEncoder().encode(lease)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        return [
            #"{"kind":"head","next":7,"v":1}"#, #"{"kind":"open","lease":\#(text),"v":1}"#,
            #"{"kind":"applied","lease":\#(text),"v":1}"#, #"{"end":"released","id":3,"kind":"closed","v":1}"#,
        ]
    }()

    /// Whole ledgers: records with their checksums.
    private static let ledgers: [[UInt8]] = [checked(records.flatMap { Array($0.utf8) + [0x0A] }), checked(records[0])]

    private static func checked(_ text: String) -> [UInt8] { checked(Array(text.utf8)) }

    /// Puts the right checksum before each line, so that what was damaged is read nonetheless.
    private static func checked(_ lines: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        for line in lines.split(separator: 0x0A) {
            let digits = String(CRC32C.checksum(line), radix: 16)
            bytes += Array((String(repeating: "0", count: 8 - digits.utf8.count) + digits + " ").utf8) + line + [0x0A]
        }
        return bytes
    }
}
