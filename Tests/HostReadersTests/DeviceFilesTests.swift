import Foundation
import HostReaders
import Testing

@Suite("PCIe errors, migrations, frequency and power")
struct DeviceFilesTests {
    @Test("the sum of each kind of PCIe errors is read, and not the sum of something else")
    func aer() throws {
        let correctable =
            "RxErr 0\nBadTLP 2\nBadDLLP 3\nRollover 0\nTimeout 0\nNonFatalErr 0\nCorrIntErr 0\nHeaderOF 0\nTOTAL_ERR_COR 5\n"
        #expect(attempt(correctable) { bytes throws(Malformed) in try AERTotal(bytes) }?.count == 5)
        #expect(attempt("DLP 1\nTOTAL_ERR_NONFATAL 1\n") { bytes throws(Malformed) in try AERTotal(bytes) }?.count == 1)
        #expect(attempt("TLP 9\nTOTAL_ERR_FATAL 0\n") { bytes throws(Malformed) in try AERTotal(bytes) }?.count == 0)
        for text in [
            "", "RxErr 0\n", "TOTAL_ERR_COR\n", "TOTAL_ERR_COR x\n", "TOTAL_ERR_COR 5", "TOTAL_ERR_CORE 5\n",
            "TOTAL_ERR_COR -1\n",
        ] {
            #expect(attempt(text) { bytes throws(Malformed) in try AERTotal(bytes) } == nil, "\(text)")
        }
    }

    @Test("moves are read from a sched file, whatever the thread is called")
    func migrations() throws {
        let file = """
            CPU 0/KVM (4250, #threads: 5)
            -------------------------------------------------------------------
            se.exec_start                                :       1602221.611993
            se.nr_migrations                             :                   42
            nr_switches                                  :                    7

            """
        #expect(attempt(file) { bytes throws(Malformed) in try MigrationCount(bytes) }?.count == 42)
        let hostile = file.replacing("CPU 0/KVM", with: "\nse.nr_migr : 9\n")
        #expect(attempt(hostile) { bytes throws(Malformed) in try MigrationCount(bytes) }?.count == 42)
        for text in [
            "", "\n", "se.nr_migrations", "se.nr_migrations : ", "se.nr_migrations : x\n", "se.nr_migrations 42\n",
            "se.nr_migrations : 4",
        ] {
            #expect(attempt(text) { bytes throws(Malformed) in try MigrationCount(bytes) } == nil, "\(text)")
        }
    }

    @Test("the files of the fixture are read as a host gives them")
    func fixture() throws {
        let roots = Fixtures.roots("devices")
        let sched = try #require(HostDirectory.bytes(of: roots.proc + "/3189/task/3213/sched"))
        #expect(try MigrationCount(sched.span).count == 0)
        let device = roots.sys + "/bus/pci/devices/0000:3b:00.0/"
        let counts = try AERTotal.files.map { name in
            let bytes = try #require(HostDirectory.bytes(of: device + name))
            return try AERTotal(bytes.span).count
        }
        #expect(counts == [5, 1, 0])
        let mean = try #require(CPUFrequency.mean(roots))
        #expect(mean.source == .scaling && mean.hertz == 2e9)
    }

    @Test(
        "this host's own sched file is understood",
        .enabled(if: HostDirectory.exists("/proc/self/sched"), "needs CONFIG_SCHED_DEBUG or Linux 6.15")
    )
    func realSched() throws {
        let bytes = try #require(HostDirectory.bytes(of: "/proc/self/sched"))
        _ = try MigrationCount(bytes.span)
    }

    @Test("the frequency is the mean over the CPUs that tell it, in hertz")
    func frequency() throws {
        let scratch = try Scratch()
        #expect(CPUFrequency.mean(scratch.roots) == nil)
        try scratch.write(
            "proc/cpuinfo",
            "processor\t: 0\ncpu MHz\t\t: 2000.500\n\nprocessor\t: 1\ncpu MHz\t\t: 1000.500\n"
        )
        let text = try #require(CPUFrequency.mean(scratch.roots))
        #expect(text.source == .cpuinfo && abs(text.hertz - 1_500_500_000) < 1)
        let base = "sys/devices/system/cpu/"
        try scratch.write(base + "cpu0/cpufreq/scaling_cur_freq", "2400000\n")
        try scratch.write(base + "cpu1/cpufreq/scaling_cur_freq", "1600000\n")
        try scratch.write(base + "cpu2/cpufreq/scaling_cur_freq", "<unknown>\n")
        try scratch.write(base + "cpu3/online", "0\n")
        try scratch.write(base + "cpufreq/policy0/scaling_cur_freq", "9900000\n")
        try scratch.write(base + "cpu4/cpufreq/scaling_cur_freq", "0\n")
        let scaling = try #require(CPUFrequency.mean(scratch.roots))
        #expect(scaling.source == .scaling && scaling.hertz == 2e9)
    }

    @Test(
        "text that tells no frequency tells none",
        arguments: [
            "", "cpu MHz\t\t: \n", "cpu MHz\t\t: x\n", "cpu MHz\t\t: 12", "cpu MHz\t\t: 12.5", "cpu MHz\t\t 5\n",
            "cpu MHz\t\t: 0\n",
            "cpu family\t: 6\n", "Features\t: fp asimd\n",
        ]
    )
    func noFrequency(text: String) {
        let bytes = Array(text.utf8)
        #expect(CPUInfoFrequency(bytes.span).hertz == nil)
    }

    @Test("packages are found once each, with the least limit that has a time window")
    func packages() throws {
        #expect(PowerPackage.all(Fixtures.roots("v2")).isEmpty)
        let scratch = try Scratch(copying: "devices")
        let packages = PowerPackage.all(scratch.roots)
        #expect(packages.map(\.name) == ["package-0", "package-1"])
        let first = try #require(packages.first)
        #expect(first.energy == 1_000_000 && first.energyRange == 262_143_328_850 && first.access == .readable)
        #expect(first.limit == 205)
        let zone = "sys/class/powercap/intel-rapl:0/"
        try scratch.write(zone + "constraint_1_power_limit_uw", "150000000\n")
        #expect(first.limit == 150)
        try scratch.write(zone + "constraint_1_power_limit_uw", "0\n")
        #expect(first.limit == 205)
        try scratch.write(zone + "enabled", "0\n")
        #expect(first.limit == nil)
        try scratch.write(zone + "enabled", "1\n")
        try scratch.write(zone + "constraint_0_power_limit_uw", "lots\n")
        #expect(first.limit == nil)
        try scratch.remove(zone + "energy_uj")
        #expect(first.energy == nil && first.access == .absent)
        try scratch.write(zone + "max_energy_range_uj", "0\n")
        #expect(PowerPackage.all(scratch.roots).map(\.name) == ["package-1"])
    }

    @Test("where a link points is told as it is written, and a file is no link")
    func links() throws {
        let scratch = try Scratch()
        try scratch.write("a/file", "")
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path + "/link",
            withDestinationPath: "../drivers/vfio-pci"
        )
        #expect(HostDirectory.linkTarget(of: scratch.path + "/link") == "../drivers/vfio-pci")
        #expect(HostDirectory.linkTarget(of: scratch.path + "/a/file") == nil)
        #expect(HostDirectory.linkTarget(of: scratch.path + "/none") == nil)
    }
}
