import Policy
import Reporting
import Signals
import Testing

@testable import QuellRuntime

@Suite("What a person may have held")
struct HoldDeskTests {
    private var frame = Frame(hostCPUs: 4)
    private var policy = PolicySet()
    private var disarmed: String?

    init() {
        for (index, name) in ["web", "twin", "twin", "asleep"].enumerated() {
            var record = VMRecord(identity: Self.vm(index), name: name, tenant: .known("t\(index)"), vcpus: 2)
            record.running = name != "asleep"
            _ = frame.place(record)
        }
        frame.begin(at: MonotonicTime(seconds: 100))
    }

    private static func vm(_ index: Int) -> VMIdentity {
        VMIdentity(uuid: VMUUID(high: 0xab, low: UInt64(index)), generation: 1)
    }

    private func request(_ vm: String? = "web", _ step: String? = "35%", over: String? = nil) -> ControlRequest {
        var request = ControlRequest(.hold, vm: vm)
        request.step = step
        request.over = over
        return request
    }

    private func desk() -> HoldDesk {
        HoldDesk(
            snapshot: MonitorSnapshot(frame: frame, verdicts: [], findings: [], policy: policy),
            disarmed: disarmed
        )
    }

    /// Why a request is refused; `nil` where it is not.
    private func refusal(_ request: ControlRequest) -> String? {
        do throws(ControlProblem) {
            _ = try desk().order(for: request)
            return nil
        } catch {
            return error.error
        }
    }

    @Test("An order is a person's, over the CPU for five minutes where nothing else is said")
    func usual() throws {
        let order = try desk().order(for: request())
        var expected = HoldOrder(
            vm: Self.vm(0),
            name: "web",
            vcpus: 2,
            contention: .cpu,
            step: .throttle(0.35),
            term: 300,
            rule: "no reason given",
            victim: nil,
            victimName: ""
        )
        expected.origin = .person
        #expect(order == expected)
    }

    @Test("What was asked for, and what the policy says of a quarantine and of memory, is in the order")
    mutating func full() throws {
        policy.quarantine = QuarantinePlan(cpus: CPUSet([3]), links: .down, share: 0.5)
        policy.allowsMemoryHigh = true
        frame[VMSlot(0), .memBalloonUsable] = Reading(1e9)
        var asked = request(Self.vm(0).uuid.description.uppercased(), "quarantine", over: "memory")
        asked.seconds = 60
        asked.reason = "it leaks"
        asked.who = "alice"
        let order = try desk().order(for: asked)
        #expect(order.vm == Self.vm(0) && order.step == .quarantine && order.contention == .memory)
        #expect(order.term == 60 && order.rule == "alice: it leaks" && order.origin == .person)
        #expect(order.quarantine == policy.quarantine && order.allowsMemoryHigh)
        #expect(order.use.usable == 1e9)
    }

    @Test(
        "A VM that is not there, has no name of its own, sleeps or is protected is refused by a sentence that says so"
    )
    mutating func vms() {
        #expect(refusal(request(nil)) == "which VM? give its name or UUID")
        #expect(refusal(request("")) == "which VM? give its name or UUID")
        #expect(refusal(request("nobody")) == "no VM of that name or UUID runs here")
        #expect(refusal(request("twin")) == "several VMs have that name: give the UUID")
        #expect(refusal(request(Self.vm(1).uuid.description)) == nil)
        #expect(refusal(request("asleep")) == "asleep does not run: there is nothing to hold back")
        policy.protectedVMs = ["web"]
        #expect(refusal(request())?.hasPrefix("the policy protects web") == true)
        policy.protectedVMs = []
        policy.protectedTenants = ["t0"]
        #expect(refusal(request())?.hasPrefix("the policy protects web") == true)
        policy.protectedTenants = ["t1"]
        #expect(refusal(request()) == nil)
    }

    @Test("While Quell is disarmed nobody is held, and it says who did that and how to go on")
    mutating func whileDisarmed() {
        disarmed = "by root: storage moves"
        #expect(
            refusal(request()) == "Quell is disarmed and holds nobody (by root: storage moves); first: quell arm"
        )
    }

    @Test(
        "Steps are shares from 10% to 99%, quarantine and suspend, and nothing else",
        arguments: [
            ("10%", true), ("99%", true), ("12.5%", true), ("quarantine", true), ("suspend", true), ("9.9%", false),
            ("99.1%", false), ("100%", false), ("35", false), ("0.35", false), ("-35%", false), ("nan%", false),
            ("inf%", false), ("%", false), ("", false), ("Suspend", false), ("destroy", false),
        ]
    )
    func steps(_ text: String, _ isAccepted: Bool) {
        #expect((refusal(request("web", text)) == nil) == isAccepted)
        #expect((HoldStep(byHand: text) != nil) == isAccepted)
        if !isAccepted { #expect(refusal(request("web", text)) == "how far? accepted: \(HoldStep.acceptedByHand)") }
    }

    @Test("Every contention is accepted by its name, and no other word", arguments: Contention.allCases)
    mutating func contentions(_ contention: Contention) throws {
        for signal in [Signal.diskReadBytes, .diskWriteBytes, .netRxBytes, .netTxBytes, .memBalloonUsable] {
            frame[VMSlot(0), signal] = Reading(1e6)
        }
        #expect(try desk().order(for: request(over: contention.rawValue)).contention == contention)
        #expect(refusal(request(over: contention.rawValue + "s"))?.contains("accepted: cpu, llc") == true)
    }

    @Test("A hold is for 1 s to 1 h")
    func terms() {
        for (seconds, isAccepted) in [
            (1.0, true), (3_600, true), (0.9, false), (3_601, false), (-1, false), (.nan, false), (.infinity, false),
        ] {
            var asked = request()
            asked.seconds = seconds
            #expect((refusal(asked) == nil) == isAccepted, "\(seconds)")
        }
    }

    @Test("A share of what is not read, is old or is nothing is refused; what is no share is not")
    mutating func use() throws {
        let sentence = "what web uses of the disk now is not read, or is nothing: there is nothing to take a share of"
        #expect(refusal(request(over: "disk")) == sentence)
        #expect(desk().lacksUse(request(over: "disk")) == VMSlot(0))
        #expect(refusal(request("web", "suspend", over: "disk")) == nil)
        #expect(desk().lacksUse(request("web", "suspend", over: "disk")) == nil)
        #expect(refusal(request(over: "cpu")) == nil)
        #expect(desk().lacksUse(request()) == nil)
        frame[VMSlot(0), .diskReadBytes] = Reading(1e6, .stale)
        frame[VMSlot(0), .diskWriteBytes] = Reading(1e6)
        #expect(refusal(request(over: "disk")) == sentence)
        frame[VMSlot(0), .diskReadBytes] = Reading(2e6)
        let order = try desk().order(for: request(over: "disk"))
        #expect(order.use.diskBytes == 3e6 && order.use.diskOps == nil)
        #expect(desk().lacksUse(request(over: "disk")) == nil)
        frame[VMSlot(0), .netTxBytes] = Reading(0)
        #expect(refusal(request(over: "network"))?.contains("of the network now") == true)
        #expect(refusal(request(over: "memory"))?.contains("can spare is not known") == true)
    }

    @Test("No name and no reason of any length or content breaks a sentence")
    mutating func hostile() throws {
        frame[record: VMSlot(0)]?.name = "a\u{1b}[31m\nb"
        policy.protectedTenants = ["t0"]
        let told = try #require(refusal(request(Self.vm(0).uuid.description)))
        #expect(!told.unicodeScalars.contains { $0.value < 0x20 })
        policy.protectedTenants = []
        var asked = request(Self.vm(0).uuid.description)
        asked.reason = String(repeating: "x", count: 4_000)
        asked.who = String(repeating: "y", count: 4_000)
        #expect(try desk().order(for: asked).rule.count <= 270)
        #expect(refusal(request(over: "\n\u{1b}"))?.unicodeScalars.contains { $0.value < 0x20 } == false)
    }
}
