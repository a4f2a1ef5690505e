import Exposition
import Foundation
import Signals
import Testing

@testable import QuellRuntime

@Suite("The table of metrics")
struct MetricTableTests {
    @Test("Names are told apart, begin with quell or process, end in their unit and have no type in them")
    func names() {
        let families = MetricTable.all.map(\.family)
        #expect(Set(families.map(\.sampleName)).count == families.count)
        for family in families {
            #expect(family.name.hasPrefix("quell_") || family.name.hasPrefix("process_"), "\(family.name)")
            #expect(
                family.name.allSatisfy { $0 == "_" || ($0.isASCII && ($0.isLowercase || $0.isNumber)) },
                "\(family.name)"
            )
            if let unit = family.unit { #expect(family.name.hasSuffix("_" + unit), "\(family.name)") }
            #expect(!family.name.hasSuffix("_total") && !family.name.hasSuffix("_info"), "\(family.name)")
            #expect(family.help.hasSuffix(".") && !family.help.contains("\n"), "\(family.name)")
        }
    }

    @Test(
        "Signals have the names that follow from their own",
        arguments: [
            (Signal.cpuUsage, "quell_vm_cpu_usage_cores"), (.cpuRunDelay, "quell_vm_cpu_run_delay_seconds_per_second"),
            (.memRSS, "quell_vm_mem_rss_bytes"), (.diskReadBytes, "quell_vm_disk_read_bytes_per_second"),
            (.netRxPackets, "quell_vm_net_rx_packets_per_second"), (.netNeighbours, "quell_vm_net_neighbours"),
            (.vmAnomaly, "quell_vm_anomaly_ratio"), (.hostFrequency, "quell_host_frequency_hertz"),
            (.agentRSS, "quell_agent_rss_bytes"), (.diskLatency, "quell_vm_disk_latency_seconds"),
        ]
    )
    func signals(signal: Signal, name: String) {
        #expect(signal.metric.name == name)
    }

    @Test("The page lists each metric with its kind, labels and meaning, and nothing else")
    func page() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("Docs/Metrics.md"), encoding: .utf8)
        let listed = page.split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("| `quell_") || $0.hasPrefix("| `process_") }
        let expected = MetricTable.all.map { row in
            let labels = row.labels.isEmpty ? "–" : row.labels.joined(separator: ", ")
            return "| `\(row.family.sampleName)` | \(row.family.kind.rawValue) | \(labels) | \(row.family.help) |"
        }
        #expect(listed.sorted() == expected.sorted(), "rows that should be there:\n\(expected.joined(separator: "\n"))")
    }
}
