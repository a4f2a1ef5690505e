import Foundation
import HostReaders
import Sampling
import Signals
import Testing

@Suite("Frequency and power")
struct PowerSourceTests {
    /// Writes a package as Intel's driver makes it.
    private func write(_ tree: HostTree, _ package: Int, energy: UInt64, limit: String? = "200000000") throws {
        let zone = "sys/class/powercap/intel-rapl:\(package)/"
        try tree.create(zone + "name", "package-\(package)\n")
        try tree.create(zone + "enabled", "1\n")
        try tree.create(zone + "max_energy_range_uj", "262143328850\n")
        try tree.create(zone + "energy_uj", "\(energy)\n")
        guard let limit else { return }
        try tree.create(zone + "constraint_0_power_limit_uw", limit + "\n")
        try tree.create(zone + "constraint_0_time_window_us", "999424\n")
    }

    private func headroom(_ source: PowerSource, _ second: Double) -> Reading? {
        source.read(at: MonotonicTime(seconds: second)).host.first { $0.signal == .hostPowerHeadroom }?.reading
    }

    @Test("the headroom is the packages' limits without the mean of what they drew")
    func headroom() throws {
        let tree = try HostTree("v2")
        try write(tree, 0, energy: 0)
        try write(tree, 1, energy: 1_000_000)
        let source = PowerSource(roots: tree.roots)
        #expect(headroom(source, 100) == .missing)
        try write(tree, 0, energy: 1_500_000_000)
        try write(tree, 1, energy: 501_000_000)
        #expect(try isAbout(#require(headroom(source, 110)), 400 - 150 - 50))
        try write(tree, 0, energy: 4_000_000_000)
        #expect(try isAbout(#require(headroom(source, 120)), 400 - 250))
    }

    @Test("an energy counter that wraps goes on, and one that begins anew is a reset")
    func wrap() throws {
        let tree = try HostTree("v2")
        try write(tree, 0, energy: 262_143_328_850 - 400_000_000)
        let source = PowerSource(roots: tree.roots)
        #expect(headroom(source, 100) == .missing)
        try write(tree, 0, energy: 600_000_000)
        #expect(try isAbout(#require(headroom(source, 110)), 100))
        try write(tree, 0, energy: 1)
        #expect(headroom(source, 120)?.quality == .reset)
    }

    @Test("without a limit, without the energy and without packages nothing is known of it")
    func unknown() throws {
        let tree = try HostTree("v2")
        let source = PowerSource(roots: tree.roots)
        #expect(headroom(source, 100) == .notObservable)
        try write(tree, 0, energy: 5)
        try write(tree, 1, energy: 5, limit: nil)
        for second in [110.0, 120] { #expect(headroom(source, second) == .notObservable) }
        try write(tree, 1, energy: 5)
        #expect(headroom(source, 130) == .missing)
        try write(tree, 1, energy: 10_000_005)
        try write(tree, 0, energy: 10_000_005)
        #expect(try isAbout(#require(headroom(source, 140)), 398))
        try tree.remove("sys/class/powercap/intel-rapl:0/energy_uj")
        #expect(headroom(source, 150) == .notObservable)
    }

    @Test("both reach the host's row, and grow stale")
    func sampled() throws {
        let tree = try HostTree("v2")
        try tree.create("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "2400000\n")
        let source = PowerSource(roots: tree.roots)
        source.watch([])
        tree.tick()
        tree.sampler.take(source.read(at: tree.now.advanced(bySeconds: 0.5)), at: tree.now.advanced(bySeconds: 0.5))
        tree.tick()
        #expect(tree.sampler.frame[host: .hostFrequency] == Reading(2.4e9))
        #expect(tree.sampler.frame[host: .hostPowerHeadroom] == .notObservable)
        tree.tick()
        #expect(tree.sampler.frame[host: .hostFrequency] == Reading(2.4e9, .stale))
        tree.tick(after: 31)
        #expect(tree.sampler.frame[host: .hostFrequency] == .missing)
    }
}
