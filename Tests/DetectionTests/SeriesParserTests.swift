import Testing

@testable import Detection

@Suite("Reading a series")
struct SeriesParserTests {
    private func rows(_ text: String, column: String? = nil) throws(SeriesError) -> [SeriesRow] {
        try SeriesParser.rows(Array(text.utf8), column: column)
    }

    private func problem(_ text: String, column: String? = nil) -> String {
        do throws(SeriesError) {
            _ = try rows(text, column: column)
            return "none"
        } catch {
            return error.description
        }
    }

    @Test("dates and seconds, fractions, quotes, blanks, carriage returns and a byte order mark are read")
    func reads() throws {
        let text =
            "\u{FEFF}timestamp,value\r\n2014-02-14 14:30:00,0.132\r\n\r\n\"2014-02-14T14:35:00.500000Z\", -1e3 \r\n"
        let found = try rows(text)
        #expect(found.map(\.value) == [0.132, -1_000])
        #expect(found.map(\.time) == [1_392_388_200, 1_392_388_500.5])
        let bytes = Array(text.utf8)
        #expect(String(decoding: bytes[found[1].timestamp], as: UTF8.self) == "2014-02-14T14:35:00.500000Z")
        #expect(try rows("timestamp,value\n12.5,3\n").map(\.time) == [12.5])
    }

    @Test("columns are found by name, and without a header by place")
    func columns() throws {
        let text = "value,other,timestamp\n1,2,10\n3,4,20"
        #expect(try rows(text).map(\.value) == [1, 3])
        #expect(try rows(text, column: "other").map(\.value) == [2, 4])
        #expect(try rows("10,1\n20,2").map(\.value) == [1, 2])
        #expect(
            problem(text, column: "cpu").hasSuffix("no column 'cpu'; the columns are 'value', 'other', 'timestamp'")
        )
        #expect(problem("10,1", column: "cpu").hasPrefix("1: there is no header"))
        #expect(problem(text, column: "timestamp").contains("is the column of the timestamp"))
        #expect(problem("", column: "cpu").hasPrefix("1: the file is empty"))
    }

    @Test("a missing value is no number, and an empty file no row")
    func missing() throws {
        let found = try rows("timestamp,value\n1,\n2,nan\n3,NaN\n4,4")
        #expect(found.map(\.value.isNaN) == [true, true, true, false])
        #expect(try rows("").isEmpty && rows("timestamp,value\n").isEmpty)
    }

    @Test("an error tells the line, what was read and what is accepted")
    func errors() {
        #expect(
            problem("timestamp,value\n1,2\n2,abc")
                == "3: the value is 'abc'; a decimal number is accepted, or nothing or nan where the reading is missing"
        )
        #expect(problem("timestamp,value\n2014-13-01 00:00:00,2").contains("2: the timestamp is '2014-13-01 00:00:00'"))
        #expect(problem("timestamp,value\n1").contains("2: there are 1 fields"))
        for value in ["inf", "0x10", "1e400", "1 2", "--1", "\u{1B}[31m"] {
            #expect(problem("timestamp,value\n1,\(value)").hasPrefix("2: the value is"), "\(value)")
        }
        #expect(!problem("timestamp,value\n1,\u{1B}[31m").contains("\u{1B}"))
    }

    @Test("the last day of a month and leap days are dates, the day after is none")
    func dates() {
        func seconds(_ text: String) -> Double? { Timestamp.seconds(Array(text.utf8)[...]) }
        #expect(seconds("1970-01-01 00:00:00") == 0)
        #expect(seconds("1969-12-31 23:59:59") == -1)
        #expect(seconds("2000-02-29 12:00:00") == 951_825_600)
        #expect(seconds("2024-03-01 00:00:00") == 1_709_251_200)
        #expect(seconds("0000-01-01 00:00:00") == -62_167_219_200)
        #expect(seconds("9999-12-31 23:59:59.999999999") != nil)
        for text in [
            "1900-02-29 00:00:00", "2023-02-29 00:00:00", "2023-04-31 00:00:00", "2023-00-10 00:00:00",
            "2023-01-00 00:00:00", "2023-01-01 24:00:00", "2023-01-01 00:60:00", "2023-01-01 00:00:61",
            "2023-01-01 00:00:00.", "2023-01-01 00:00:00.1234567890", "2023-01-01", "2023-1-1 00:00:00", "",
        ] {
            #expect(seconds(text) == nil, "\(text)")
        }
    }
}
