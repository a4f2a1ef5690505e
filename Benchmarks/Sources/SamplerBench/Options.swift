internal import CMeter

/// What the command line asks for.
struct Options {
    /// The benchmarks to run; all where none is named.
    var suites: [String] = []
    /// VMs of `sampling-floor`, at least 1.
    var floorVMs = 200
    /// Rounds of `sampling-floor`; in each the sampler and the floor tick once, hot and cold.
    var rounds = 400
    /// Numbers of VMs of `tick`, ascending.
    var sizes = [10, 100, 1_000, 5_000]
    /// vCPUs of every VM.
    var vcpus = 2
    /// VMs of `jitter`.
    var jitterVMs = 1_000
    /// Seconds that `jitter` takes.
    var seconds = 120
    /// Ticks a second of `jitter`.
    var hertz = 1
    /// Whether to do without cgroups, as where the host does not let us make any.
    var withoutCgroups = false

    /// How the program is called.
    static let usage = """
        usage: SamplerBench [sampling-floor] [tick] [allocations] [jitter]
            [--vms N] [--rounds N] [--sizes N,N,…] [--vcpus N]
            [--jitter-vms N] [--seconds N] [--hertz N] [--without-cgroups]
        """

    /// Reads the arguments; `nil` where they make no sense.
    ///
    /// - Parameter arguments: The arguments without the program's name.
    init?(_ arguments: some Sequence<String>) {
        var rest = Array(arguments)[...]
        while let word = rest.popFirst() {
            if SamplerBench.suites.contains(where: { $0.name == word }) {
                suites.append(word)
                continue
            }
            if word == "--without-cgroups" {
                withoutCgroups = true
                continue
            }
            guard let numbers = rest.popFirst()?.split(separator: ",").map({ Int($0) ?? 0 }),
                let number = numbers.first, numbers.allSatisfy({ $0 > 0 })
            else { return nil }
            switch word {
            case "--vms": floorVMs = number
            case "--rounds": rounds = number
            case "--sizes":
                guard numbers.count < Int(METER_RECORDINGS) - 1 else { return nil }
                sizes = numbers.sorted()
            case "--vcpus": vcpus = number
            case "--jitter-vms": jitterVMs = number
            case "--seconds": seconds = number
            case "--hertz": hertz = number
            default: return nil
            }
        }
    }
}
