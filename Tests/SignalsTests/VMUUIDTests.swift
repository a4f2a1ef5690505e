import Foundation
import Signals
import Testing

@Suite("VMUUID")
struct VMUUIDTests {
    @Test(
        "The canonical text comes back as it went in",
        arguments: [
            "00000000-0000-0000-0000-000000000000", "c7a5fdbd-edaf-9455-926a-d65c16db1809",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ]
    )
    func roundTrip(text: String) throws {
        let uuid = try #require(VMUUID(text))
        #expect(uuid.description == text)
        let json = try JSONEncoder().encode([uuid])
        #expect(try JSONDecoder().decode([VMUUID].self, from: json) == [uuid])
    }

    @Test("Upper case is read and written as lower case")
    func upperCase() {
        #expect(VMUUID("C7A5FDBD-EDAF-9455-926A-D65C16DB1809")?.description == "c7a5fdbd-edaf-9455-926a-d65c16db1809")
    }

    @Test(
        "Anything else is no UUID",
        arguments: [
            "", "c7a5fdbd", "c7a5fdbdedaf9455926ad65c16db1809", "c7a5fdbd-edaf-9455-926a-d65c16db180",
            "c7a5fdbd-edaf-9455-926a-d65c16db18090", "c7a5fdbd-edaf-9455-926a-d65c16db180g",
            "c7a5fdbd_edaf_9455_926a_d65c16db1809", "-7a5fdbdedaf-9455-926a-d65c16db18099",
        ]
    )
    func malformed(text: String) {
        #expect(VMUUID(text) == nil)
    }

    @Test("A malformed UUID in JSON is a decoding error")
    func malformedJSON() {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([VMUUID].self, from: Data(#"["x"]"#.utf8)) }
    }
}
