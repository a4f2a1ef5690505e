public import Signals

extension MatrixHost {
    /// A host.
    ///
    /// - Parameters:
    ///   - contention: What VMs contend for.
    ///   - scenario: What goes on.
    ///   - seed: Any number; the same gives the same host.
    public init(_ contention: Contention, _ scenario: MatrixScenario, seed: UInt64) {
        self.contention = contention
        self.scenario = scenario
        self.seed = seed
        random = SplitMix64(seed: seed)
        onset = Int.random(in: 60...75, using: &random)
        tellsPlaces = scenario == .coincident || random.chance(0.7)
        tellsPressure = random.chance(0.7)
        tellsCache = random.chance(0.75)
        tellsSwap = random.chance(0.6)
        lost = random.chance(0.4) ? 0.01 : 0
        let isWhole = contention == .power || contention == .busLock
        let least = scenario == .coincident ? 4 : 2
        let wanted = max(least, 2 + Int(63 * random.uniform() * random.uniform()))
        let most = isWhole ? 1 : min(4, wanted / 2)
        let parts = scenario == .coincident && !isWhole ? max(2, most) : Int.random(in: 1...most, using: &random)
        poolCPUs = [4, 8, 16, 32].randomElement(using: &random) ?? 8
        // Which CPUs a thread may use can always be read.
        if contention == .cpu, parts > 1 { tellsPlaces = true }
        domains = Array(repeating: Domain(), count: parts)
        scene = Int.random(in: 0..<parts, using: &random)
        for index in domains.indices { domains[index].servers = [2, 4, 8].randomElement(using: &random) ?? 4 }
        if contention == .cpu {
            for index in domains.indices { domains[index].servers = Double(poolCPUs) }
        }
        place(wanted)
        shareUsualLoad()
        setTheScene()
    }

    /// Puts VMs into the domains, at least two into each and as many into the scene as it asks for.
    private mutating func place(_ wanted: Int) {
        let onScene = scenario == .spread ? 6 : scenario == .two ? 3 : scenario == .everybody ? 8 : 2
        for row in 0..<max(wanted, onScene + 2 * (domains.count - 1)) {
            var domain = row / 2 < domains.count ? row / 2 : Int.random(in: domains.indices, using: &random)
            if vms.count(where: { $0.domain == scene }) < onScene, row >= 2 * domains.count { domain = scene }
            var vm = MatrixVM(
                vcpus: [1, 1, 2, 2, 4].randomElement(using: &random) ?? 1,
                tenant: random.chance(0.8) ? Int.random(in: 0..<max(2, wanted / 2), using: &random) : nil,
                domain: domain,
                load: Load(base: 0)
            )
            vm.weight = random.chance(0.2) ? 2 : 1
            vm.cpi = Double.random(in: 0.7...1.6, using: &random)
            vm.memoryBound = Double.random(in: 0.2...0.6, using: &random)
            vm.size = [4_096, 16_384, 65_536].randomElement(using: &random) ?? 4_096
            vm.touch = Double.random(in: 0.005...0.04, using: &random)
            vms.append(vm)
        }
    }

    /// Gives each VM a part of the usual load of its domain: 20 to 40 % of what the domain can give.
    private mutating func shareUsualLoad() {
        for domain in domains.indices {
            let rows = vms.indices.filter { vms[$0].domain == domain }
            let use = Double.random(in: 0.2...0.4, using: &random)
            let parts = rows.map { Double(vms[$0].vcpus) * Double.random(in: 0.3...1.2, using: &random) }
            let all = parts.reduce(0, +)
            for (row, part) in zip(rows, parts) {
                var load = Load(base: use * part / all)
                load.noise = Double.random(in: 0.05...0.3, using: &random)
                load.memory = Double.random(in: 0...0.8, using: &random)
                if contention == .memory {
                    // What is held moves slowly.
                    load.noise *= 0.1
                    load.memory = 0.97
                }
                load.swing = Double.random(in: 0...0.4, using: &random)
                load.day = Double.random(in: 300...1_200, using: &random)
                load.phase = random.uniform()
                load.job = min(load.base * Double.random(in: 0...1.5, using: &random), 0.06)
                if contention == .memory { load.job = min(load.job, 0.01) }
                vms[row].load = load
                vms[row].workingSet = min(0.6, load.base * Double.random(in: 1.5...3, using: &random))
                vms[row].state = contention == .llc ? vms[row].workingSet * 0.8 : 0
            }
        }
    }

    /// Arranges the event.
    private mutating func setTheScene() {
        let length = Int.random(in: 25...60, using: &random)
        let whole = onset..<onset + length
        let here = vms.indices.filter { vms[$0].domain == scene }.shuffled(using: &random)
        switch scenario {
        case .calm: return
        case .single, .victimToo: cast(here.prefix(1), [whole], 0.8...1.3)
        case .two:
            let later = onset + Int.random(in: 0...3, using: &random)
            cast(here.prefix(2), [whole], 0.6...0.9)
            vms[culprits[1]].load.windows = [later..<later + length]
        case .alternating:
            let on = Int.random(in: 3...10, using: &random)
            let off = Int.random(in: 3...12, using: &random)
            let starts = stride(from: onset, to: Self.ticks - on, by: on + off)
            cast(here.prefix(1), starts.map { $0..<$0 + on }, 0.8...1.3)
        case .spread:
            let size = min(Int.random(in: 2...5, using: &random), here.count - 2)
            cast(here.prefix(size), [whole], 1...1.4, over: size)
            for row in culprits { vms[row].tenant = 1_000 }
        case .own: arrangeOwn(whole)
        case .everybody:
            let factor = Double.random(in: 2.2...3.2, using: &random)
            for row in here {
                vms[row].load.windows = [whole]
                vms[row].load.factor = factor * Double.random(in: 0.8...1.2, using: &random)
            }
        case .outside, .coincident: arrangeOutside(whole, busy: here[0])
        }
        if scenario == .victimToo { arrangeSecond(whole) }
    }

    /// Makes VMs culprits: small ones that take a large part of what the domain can give.
    private mutating func cast(
        _ rows: ArraySlice<Int>,
        _ windows: [Range<Int>],
        _ amount: ClosedRange<Double>,
        over size: Int = 1
    ) {
        culprits = Array(rows)
        for row in culprits {
            vms[row].vcpus = contention == .cpu ? max(2, poolCPUs * 3 / (2 * size)) : 1
            vms[row].weight = 1
            vms[row].load.base = min(vms[row].load.base, 0.1)
            vms[row].load.job = 0
            vms[row].load.windows = windows
            vms[row].load.event = Double.random(in: amount, using: &random) / Double(size)
            vms[row].flood = MatrixVM.Flood.allCases.randomElement(using: &random) ?? .sends
        }
    }

    /// Lets one VM hurt only itself.
    private mutating func arrangeOwn(_ window: Range<Int>) {
        // It has its domain to itself, or what it is under holds it alone.
        let row = vms.indices.first { vms[$0].domain == scene } ?? 0
        let isQuota = contention == .cpu && random.chance(0.5)
        if !isQuota {
            domains.append(Domain())
            domains[domains.count - 1].servers = domains[scene].servers
            vms[row].domain = domains.count - 1
            scene = domains.count - 1
        }
        vms[row].vcpus = contention == .cpu ? poolCPUs * 2 : 1
        vms[row].load.base = 0.1
        vms[row].load.windows = [window]
        vms[row].load.event = Double.random(in: 1...1.6, using: &random)
        if isQuota { vms[row].quota = 0.3 * Double(poolCPUs) }
        if !isQuota, random.chance(0.3) { vms[row].job = .backup }
    }

    /// Lets what is not a VM take the resource, or a VM under a job.
    private mutating func arrangeOutside(_ window: Range<Int>, busy: Int) {
        if scenario == .outside, random.chance(0.35), vms.count(where: { $0.domain == scene }) > 1 {
            vms[busy].load.windows = [window]
            vms[busy].load.event = Double.random(in: 0.8...1.2, using: &random)
            vms[busy].vcpus = contention == .cpu ? poolCPUs : 1
            vms[busy].job = .backup
        } else {
            domains[scene].outside = Double.random(in: 0.6...0.85, using: &random)
            domains[scene].outsideTicks = window
        }
        guard scenario == .coincident else { return }
        let others = vms.indices.filter { vms[$0].domain != scene }
        guard let row = others.randomElement(using: &random) else { return }
        // Busy, but its own domain has room for it.
        vms[row].load.windows = [window]
        vms[row].load.event = 0.25
        for other in vms.indices where vms[other].domain == vms[row].domain {
            vms[other].load.base *= 0.5
            vms[other].load.job *= 0.5
        }
    }

    /// Lets another VM hurt the culprit over another resource.
    private mutating func arrangeSecond(_ window: Range<Int>) {
        let others = vms.indices.filter { !culprits.contains($0) && vms[$0].domain == scene }
        guard let row = others.randomElement(using: &random), let culprit = culprits.first, vms.count > 2 else {
            return
        }
        second = row
        for index in vms.indices {
            vms[index].second = Load(base: 0.3 / Double(vms.count))
            vms[index].second.noise = 0.1
        }
        if secondContention == .cpu {
            vms[row].vcpus = max(vms[row].vcpus, poolCPUs * 3 / 2)
        } else {
            vms[row].vcpus = 1
        }
        vms[row].weight = 1
        vms[row].second.windows = [window]
        vms[row].second.event = Double.random(in: 0.9...1.3, using: &random)
        vms[culprit].second.base = 0.15
    }
}
