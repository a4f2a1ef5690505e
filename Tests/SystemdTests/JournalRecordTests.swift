import Systemd
import Testing

@Suite("Journal records")
struct JournalRecordTests {
    private func text(_ record: JournalRecord) -> [String] {
        record.encoded.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("A record is its fields in order, as NAME=value")
    func encoding() {
        var record = JournalRecord(message: "web is hurt", priority: 4)
        record.append("QUELL_VM", "web")
        #expect(text(record) == ["MESSAGE=web is hurt", "PRIORITY=4", "QUELL_VM=web"])
    }

    @Test("Line breaks, NUL, equals signs and bytes that are no text are kept within their field")
    func binary() {
        var record = JournalRecord(message: "a\nPRIORITY=0", priority: 6)
        record.append("QUELL_X", bytes: [0, 0xff, 0x0a, 0x3d])
        #expect(record.encoded.count == 3)
        #expect(text(record)[0] == "MESSAGE=a\nPRIORITY=0")
        #expect(record.encoded[2] == Array("QUELL_X=".utf8) + [0, 0xff, 0x0a, 0x3d])
    }

    @Test("The priority is held to what the journal knows", arguments: [(-1, "0"), (0, "0"), (7, "7"), (99, "7")])
    func priority(given: Int, kept: String) {
        #expect(text(JournalRecord(message: "", priority: given))[1] == "PRIORITY=" + kept)
    }

    @Test("Names that the journal takes", arguments: ["A", "QUELL_VM_UUID", "X9_", String(repeating: "A", count: 64)])
    func goodNames(_ name: String) {
        var record = JournalRecord(message: "", priority: 6)
        record.append(name, "v")
        #expect(record.fields.last?.name == name)
        #expect(record.refused == [])
    }

    @Test(
        "Names that the journal would refuse are left out and told",
        arguments: [
            "", "_PID", "9A", "quell", "A-B", "A=B", "A\n", "Ä", "A B", String(repeating: "A", count: 65),
        ]
    )
    func badNames(_ name: String) {
        var record = JournalRecord(message: "", priority: 6)
        record.append(name, "v")
        #expect(record.fields.count == 2)
        #expect(record.refused == [name])
    }

    @Test("No journal is found where there is no socket")
    func presence() {
        #expect(!Journal.isPresent(at: "/nonexistent/socket"))
        #expect(!Journal.isPresent(at: "/dev/null"))
    }
}
