import CLibvirt
import Signals
import Testing

@testable import Libvirt

@Suite("Values of knobs")
struct KnobValuesTests {
    @Test("A mark comes back as it was, whatever is in it")
    func mark() throws {
        for text in ["", "{\"a\":1}", "<hold>&amp;'\"]]>", "a\nb\t\r", "ü\u{1F600}"] {
            #expect(MarkElement.text(Array(try #require(MarkElement.xml(text)).utf8)) == text)
        }
        let longest = String(repeating: "&", count: MarkElement.textLimit)
        #expect(MarkElement.text(Array(try #require(MarkElement.xml(longest)).utf8)) == longest)
    }

    @Test("A mark that is too long, holds a control character or is another element is refused")
    func noMark() {
        #expect(MarkElement.xml(String(repeating: "a", count: MarkElement.textLimit + 1)) == nil)
        #expect(MarkElement.xml("\u{0}") == nil)
        let long = "<hold>" + String(repeating: "a", count: MarkElement.textLimit + 1) + "</hold>"
        for xml in [long, "<other>a</other>", "<hold><b/></hold>", "<hold>", "", "<!DOCTYPE a><hold/>"] {
            #expect(MarkElement.text(Array(xml.utf8)) == nil)
        }
    }

    @Test("A map of CPUs reads back; one that is too short for a CPU is refused")
    func maps() {
        let set = CPUSet([0, 3, 8, 65, 127])
        #expect(set.map(bytes: 16).map { CPUSet(map: $0) } == set)
        #expect(set.map(bytes: 16)?.first == 0b1001)
        #expect(set.map(bytes: 15) == nil)
        #expect(CPUSet().map(bytes: 1) == [0] && CPUSet(map: [0, 0]).isEmpty)
    }

    @Test("All limits of a disk are sent, zeros too; those told read back, a burst of one second as none")
    func disk() throws {
        let limit = DiskLimit(["total_bytes": 1_000, "total_bytes_max": 2_000, "size_iops": 4_096], group: "g")
        let sent = try #require(limit.parameters)
        #expect(sent.count == DiskLimit.fields.count + 1)
        #expect(sent.contains(NamedSetting("total_bytes_sec_max", .ulong(2_000))))
        #expect(sent.contains(NamedSetting("write_iops_sec", .ulong(0))))
        #expect(sent.contains(NamedSetting("group_name", .text("g"))))
        var told: [String: TypedValue] = ["group_name": .string("g"), "total_bytes_sec_max_length": .uint(1)]
        for setting in sent { if case .ulong(let value) = setting.value { told[setting.name] = .uint(value) } }
        #expect(DiskLimit(told) == limit)
        #expect(DiskLimit([:], group: "g").parameters?.contains { $0.name == "group_name" } == false)
        #expect(DiskLimit(["no_such": 1]).parameters == nil)
        #expect(DiskLimit([String: TypedValue]()).isNone)
    }

    @Test("One direction of an interface is sent and read alone; a floor is there towards the VM only")
    func bandwidth() throws {
        let limit = Bandwidth(average: 100, peak: 200, burst: 50)
        for direction in InterfaceDirection.allCases {
            let sent = try #require(limit.parameters(direction))
            let prefix = direction == .receive ? "inbound." : "outbound."
            #expect(sent.allSatisfy { $0.name.hasPrefix(prefix) })
            var told: [String: TypedValue] = [:]
            for setting in sent {
                if case .uint(let value) = setting.value { told[setting.name] = .uint(UInt64(value)) }
            }
            #expect(Bandwidth(told, direction) == limit)
            #expect(Bandwidth(peak: 7).parameters(direction)?.allSatisfy { $0.value == .uint(0) } == true)
            #expect(Bandwidth([:], direction) == nil)
        }
        #expect(Bandwidth(average: 1, floor: 1).parameters(.transmit) == nil)
    }

    @Test("Only a VM that was suspended by a call counts as paused")
    func power() {
        func state(_ state: virDomainState, _ reason: UInt32 = 0) -> PowerState {
            PowerState(state: Int32(state.rawValue), reason: Int32(reason))
        }
        #expect(state(VIR_DOMAIN_RUNNING) == .running && state(VIR_DOMAIN_BLOCKED) == .running)
        #expect(state(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER.rawValue) == .paused)
        #expect(state(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_IOERROR.rawValue) == .other("paused: disk I/O error"))
        #expect(state(VIR_DOMAIN_PAUSED) == .other("paused: for a reason that libvirt does not know"))
        #expect(state(VIR_DOMAIN_SHUTOFF) == .other("off"))
        #expect(PowerState(state: -1, reason: -1) == .other("in a state that libvirt does not know"))
    }
}
