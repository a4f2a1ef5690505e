import HostReaders
import Testing

@Suite("Parsers of single files")
struct ParserTests {
    @Test("cpu.stat of v2 gives times in nanoseconds, throttling included")
    func cpuStatV2() throws {
        let stat = try parse("usage_usec 7\nuser_usec 4\nsystem_usec 3\nnr_throttled 2\nthrottled_usec 5\n") {
            bytes throws(Malformed) in try CPUStat(bytes)
        }
        #expect(stat.usage == 7_000)
        #expect(stat.user == 4_000)
        #expect(stat.system == 3_000)
        #expect(stat.throttledPeriods == 2)
        #expect(stat.throttled == 5_000)
    }

    @Test("cpu.stat of v1 gives throttling alone, already in nanoseconds")
    func cpuStatV1() throws {
        let stat = try parse("nr_periods 9\nnr_throttled 2\nthrottled_time 5\n") {
            bytes throws(Malformed) in try CPUStat(bytes)
        }
        #expect(stat.usage == nil)
        #expect(stat.throttled == 5)
        #expect(stat.throttledPeriods == 2)
    }

    @Test("cpu.stat without controllers has no throttling, which is not the same as none")
    func cpuStatBare() throws {
        let stat = try parse("usage_usec 1\nuser_usec 1\nsystem_usec 0\n") {
            bytes throws(Malformed) in try CPUStat(bytes)
        }
        #expect(stat.throttled == nil)
    }

    @Test(
        "malformed cpu.stat is refused",
        arguments: ["cpu.stat.truncated", "cpu.stat.overflow", "cpu.stat.words", "cpu.stat.empty"]
    )
    func cpuStatMalformed(name: String) throws {
        let bytes = try Fixtures.malformed(name)
        #expect(throws: Malformed.self) { try CPUStat(bytes.span) }
    }

    @Test("the largest number is read and one more is refused")
    func boundary() {
        let largest = attempt("18446744073709551615\n") { bytes throws(Malformed) in try SingleValue(bytes) }
        #expect(largest?.value == UInt64.max)
        #expect(attempt("18446744073709551616\n") { bytes throws(Malformed) in try SingleValue(bytes) } == nil)
        let held = attempt("usage_usec 18446744073709551615\n") { bytes throws(Malformed) in try CPUStat(bytes) }
        #expect(held?.usage == UInt64.max)
    }

    @Test("pressure gives both totals, and no full where the kernel has none")
    func pressure() throws {
        let text = "some avg10=1.50 avg60=0.00 avg300=0.00 total=42\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"
        let both = try parse(text) { bytes throws(Malformed) in try Pressure(bytes) }
        #expect(both.some == 42)
        #expect(both.full == 7)
        let one = try parse("some avg10=1.50 avg60=0.00 avg300=0.00 total=42\n") {
            bytes throws(Malformed) in try Pressure(bytes)
        }
        #expect(one.full == nil)
    }

    @Test("malformed pressure is refused", arguments: ["pressure.no-total", "pressure.cut"])
    func pressureMalformed(name: String) throws {
        let bytes = try Fixtures.malformed(name)
        #expect(throws: Malformed.self) { try Pressure(bytes.span) }
    }

    @Test("schedstat gives run time, run delay and slices")
    func schedStat() throws {
        let stat = try parse("767686563 569664376 375\n") { bytes throws(Malformed) in try SchedStat(bytes) }
        #expect(stat.runTime == 767_686_563)
        #expect(stat.runDelay == 569_664_376)
        #expect(stat.timeslices == 375)
    }

    @Test("malformed schedstat is refused", arguments: ["schedstat.two", "schedstat.negative"])
    func schedStatMalformed(name: String) throws {
        let bytes = try Fixtures.malformed(name)
        #expect(throws: Malformed.self) { try SchedStat(bytes.span) }
    }

    @Test("memory.stat of v2 counts anonymous and shared memory and not the page cache")
    func memoryV2() throws {
        let stat = try parse("anon 100\nfile 1000\nshmem 5\nanon_thp 64\npgmajfault 3\n") {
            bytes throws(Malformed) in try MemoryStat(bytes)
        }
        #expect(stat.resident == 105)
        #expect(stat.majorFaults == 3)
    }

    @Test("memory.stat of v1 takes the totals, children included")
    func memoryV1() throws {
        let stat = try parse(
            "cache 9\nrss 1\nshmem 1\npgmajfault 1\ntotal_cache 9\ntotal_rss 70\ntotal_rss_huge 4\n"
                + "total_shmem 2\ntotal_pgmajfault 8\n"
        ) { bytes throws(Malformed) in try MemoryStat(bytes) }
        #expect(stat.resident == 72)
        #expect(stat.majorFaults == 8)
    }

    @Test("memory.stat of one layout is not taken for the other")
    func memoryLayout() throws {
        let v1 = "new_key 1\ncache 9\nrss 1\nshmem 1\npgmajfault 1\ntotal_rss 70\ntotal_pgmajfault 8\n"
        #expect(attempt(v1) { bytes throws(Malformed) in try MemoryStat(bytes) } == nil)
        #expect(attempt("shmem 5\npgmajfault 3\n") { bytes throws(Malformed) in try MemoryStat(bytes) } == nil)
    }

    @Test("memory.stat of which nothing is known is refused")
    func memoryUnknown() throws {
        let bytes = try Fixtures.malformed("memory.stat.unknown")
        #expect(throws: Malformed.self) { try MemoryStat(bytes.span) }
    }

    @Test("kills are read from v2 and v1, and are unknown where the kernel does not count them")
    func oomEvents() throws {
        let v2 = try parse("low 0\noom 3\noom_kill 2\noom_group_kill 9\n") { bytes throws(Malformed) in
            try OOMEvents(bytes)
        }
        #expect(v2.kills == 2)
        let old = try parse("oom_kill_disable 0\nunder_oom 0\n") { bytes throws(Malformed) in try OOMEvents(bytes) }
        #expect(old.kills == nil)
    }

    @Test("a single value may be a limit that is none")
    func singleValue() throws {
        let texts: [(String, UInt64?)] = [("-1\n", nil), ("max\n", nil), ("0\n", 0), ("50000\n", 50_000)]
        for (text, value) in texts {
            let read = try parse(text) { bytes throws(Malformed) in try SingleValue(bytes) }
            #expect(read.value == value)
        }
        #expect(attempt("maximum\n") { bytes throws(Malformed) in try SingleValue(bytes) } == nil)
        #expect(attempt("5") { bytes throws(Malformed) in try SingleValue(bytes) } == nil)
    }

    @Test("cpu.max gives quota and period")
    func cpuMax() throws {
        let held = try parse("20000 100000\n") { bytes throws(Malformed) in try CPUMax(bytes) }
        #expect(held.quota == 20_000)
        #expect(held.period == 100_000)
        let free = try parse("max 100000\n") { bytes throws(Malformed) in try CPUMax(bytes) }
        #expect(free.quota == nil)
        #expect(attempt("20000\n") { bytes throws(Malformed) in try CPUMax(bytes) } == nil)
    }

    @Test("a process's name may hold blanks, digits and parentheses")
    func processStat() throws {
        let bytes = try Fixtures.malformed("stat.hostile")
        let stat = try ProcessStat(bytes.span)
        #expect(stat.majorFaults == 3)
        #expect(stat.userTicks == 7)
        #expect(stat.systemTicks == 8)
        #expect(stat.threads == 5)
        #expect(stat.startTicks == 215_515)
        #expect(stat.residentPages == 250)
        let short = try Fixtures.malformed("stat.short")
        #expect(throws: Malformed.self) { try ProcessStat(short.span) }
    }

    @Test("storage traffic of a process is not its system calls")
    func processIO() throws {
        let text = "rchar: 9\nwchar: 9\nsyscr: 9\nsyscw: 9\nread_bytes: 3\nwrite_bytes: 4\ncancelled_write_bytes: 1\n"
        let io = try parse(text) { bytes throws(Malformed) in try ProcessIO(bytes) }
        #expect(io.readBytes == 3)
        #expect(io.writeBytes == 4)
        #expect(attempt("read_bytes: 3\n") { bytes throws(Malformed) in try ProcessIO(bytes) } == nil)
    }

    @Test("the run queue is the number before the slash")
    func loadAverage() throws {
        let load = try parse("0.34 0.14 0.11 5/122 10521\n") { bytes throws(Malformed) in try LoadAverage(bytes) }
        #expect(load.runnable == 5)
        #expect(attempt("0.34 0.14 0.11 5\n") { bytes throws(Malformed) in try LoadAverage(bytes) } == nil)
    }

    @Test("cpuacct.stat gives clock ticks")
    func cpuAcct() throws {
        let stat = try parse("user 500\nsystem 200\n") { bytes throws(Malformed) in try CPUAcctStat(bytes) }
        #expect(stat.user == 500)
        #expect(stat.system == 200)
        #expect(attempt("user 500\n") { bytes throws(Malformed) in try CPUAcctStat(bytes) } == nil)
    }
}
