import Signals
import Testing

@testable import Libvirt

@Suite("The element of an interface")
struct InterfaceElementTests {
    private static let body = """
        <mac address='52:54:00:00:00:01'/><!-- <link state='no'/> --><source bridge='br0'/>\
        <bandwidth><inbound average='1'/></bandwidth><target dev='vnet0'/><alias name='net0'/>
        """

    private func domain(_ interfaces: String) -> [UInt8] {
        Array("<domain><devices>\(interfaces)</devices></domain>".utf8)
    }

    private func found(_ interfaces: String, _ device: String = "vnet0") throws -> InterfaceElement {
        try #require(try InterfaceElement.find(device, in: domain(interfaces)))
    }

    private func text(_ bytes: [UInt8]?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "nil" }

    @Test("The interface of that device is found among others, and nothing of another is taken")
    func finds() throws {
        let other = "<interface type='user'><target dev='vnet1'/><link state='down'/></interface>"
        let own = "<interface type='bridge'>\(Self.body)</interface>"
        let element = try found(other + own + other)
        #expect(element.isUp && element.filter == nil)
        #expect(try InterfaceElement.find("vnet9", in: domain(other + own)) == nil)
        #expect(try found(other + own, "vnet1").isUp == false)
        let copy = "<metadata><interface><target dev='vnet0'/></interface></metadata>"
        let hidden = Array("<domain>\(copy)<devices></devices></domain>".utf8)
        #expect(try InterfaceElement.find("vnet0", in: hidden) == nil)
    }

    @Test("A link state is added or replaced, and all else stays byte for byte")
    func link() throws {
        let without = "<interface type='bridge'>\(Self.body)</interface>"
        let down = "<interface type='bridge'>\(Self.body)<link state='down'/></interface>"
        #expect(text(try found(without).with(linkUp: false)) == down)
        #expect(
            text(try found(down).with(linkUp: true))
                == down.replacing("<link state='down'/>", with: "<link state='up'/>")
        )
        #expect(try found(down).isUp == false)
        let long = without.replacing("</interface>", with: "<link state=\"up\"></link></interface>")
        #expect(text(try found(long).with(linkUp: false)) == down)
    }

    @Test("A filter with its parameters is read, replaced, taken off and written again as it was")
    func filter() throws {
        let own = NetworkFilter(name: "no-spoof", parameters: [.init(name: "IP", value: "10.0.0.1")])
        let reference = "<filterref filter='no-spoof'><parameter name='IP' value='10.0.0.1'/></filterref>"
        let before = "<interface type='bridge'>\(Self.body)\(reference)</interface>"
        let element = try found(before)
        #expect(element.filter == own)
        let held = text(element.with(filter: NetworkFilter(name: "quell-isolate")))
        #expect(held == before.replacing(reference, with: "<filterref filter='quell-isolate'></filterref>"))
        #expect(text(try found(held).with(filter: own)) == before)
        #expect(text(element.with(filter: nil)) == before.replacing(reference, with: ""))
        let bare = before.replacing(reference, with: "")
        #expect(text(try found(bare).with(filter: own)) == before)
    }

    @Test("A hostile filter name stays within its attribute, and one that XML cannot write is refused")
    func hostile() throws {
        let element = try found("<interface type='bridge'>\(Self.body)</interface>")
        let name = "x'/><link state=\"down\"/>&<"
        let written = element.with(filter: NetworkFilter(name: name))
        let again = try found(text(written))
        #expect(again.filter?.name == name && again.isUp)
        #expect(element.with(filter: NetworkFilter(name: "a\u{0}")) == nil)
        let parameter = NetworkFilter.Parameter(name: "IP", value: "\u{1b}")
        #expect(element.with(filter: NetworkFilter(name: "a", parameters: [parameter])) == nil)
    }

    @Test("An interface on one of libvirt's networks keeps its network")
    func network() throws {
        let live = "<interface type='bridge' trustGuestRxFilters='no'><source network='default' bridge='virbr0'/>"
        let rest = "<target dev='vnet0'/></interface>"
        let down = text(try found(live + rest).with(linkUp: false))
        #expect(down.hasPrefix("<interface type='network' trustGuestRxFilters='no'><source network='default'"))
        #expect(down.hasSuffix("<target dev='vnet0'/><link state='down'/></interface>"))
    }

    @Test("XML that is cut or declares entities is refused")
    func refused() {
        #expect(throws: XMLScanner.Problem.self) {
            try InterfaceElement.find("vnet0", in: Array("<domain><devices>".utf8))
        }
        let entity = Array("<!DOCTYPE d [<!ENTITY a 'b'>]><domain/>".utf8)
        #expect(throws: XMLScanner.Problem.self) { try InterfaceElement.find("vnet0", in: entity) }
    }
}
