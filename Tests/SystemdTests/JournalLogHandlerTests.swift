import Logging
import Synchronization
import Systemd
import Testing

@Suite("Log handler")
struct JournalLogHandlerTests {
    /// Keeps the records that a logger sent.
    private final class Box: Sendable {
        let records = Mutex<[JournalRecord]>([])
    }

    private func fields(_ log: (inout Logger) -> Void) -> [[String: String]] {
        let box = Box()
        var logger = Logger(label: "quell.test") { label in
            JournalLogHandler(label: label) { record in box.records.withLock { $0.append(record) } }
        }
        log(&logger)
        return box.records.withLock { records in
            records.map { record in
                Dictionary(
                    record.fields.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) },
                    uniquingKeysWith: { first, _ in first }
                )
            }
        }
    }

    @Test("Levels become priorities")
    func levels() {
        let priorities = fields { logger in
            logger.logLevel = .trace
            for level in Logger.Level.allCases { logger.log(level: level, "x") }
        }.map { $0["PRIORITY"] }
        #expect(priorities == ["7", "7", "6", "5", "4", "3", "2"])
    }

    @Test("Label, place and metadata become fields, and the metadata the tail of the message")
    func metadata() {
        let record = fields { logger in
            logger[metadataKey: "host"] = "h1"
            logger.info("reloaded", metadata: ["file-name": "a.yaml"])
        }.first
        #expect(record?["MESSAGE"] == "reloaded file-name=a.yaml host=h1")
        #expect(record?["QUELL_LOGGER"] == "quell.test")
        #expect(record?["QUELL_LOG_FILE_NAME"] == "a.yaml")
        #expect(record?["CODE_FUNC"] == "metadata()")
        #expect(record?["CODE_LINE"].flatMap(Int.init) != nil)
    }

    @Test("What is less urgent than the level is not sent, and a message is one line whatever it holds")
    func quietAndPlain() {
        let records = fields { logger in
            logger.debug("quiet")
            logger.error("a\nb\u{1b}[0m", metadata: ["": "x\ny"])
        }
        #expect(records.map { $0["MESSAGE"] } == ["a\\u{a}b\\u{1b}[0m =x\\u{a}y"])
    }
}
