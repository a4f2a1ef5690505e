import Proving

/// One thing that goes on for a while on the host of the matrix.
enum Episode: String, CaseIterable {
    // Somebody hurts others.
    case spin
    case squareWave = "square-wave"
    case smallCulprits = "small-culprits"
    case memorySweep = "memory-sweep"
    case exitStorm = "exit-storm"
    case alternating
    // Somebody misbehaves.
    case leak
    case swapThrash = "swap-thrash"
    case diskFlood = "disk-flood"
    case flushStorm = "flush-storm"
    case packetFlood = "packet-flood"
    case multicastStorm = "multicast-storm"
    case spoofedSource = "spoofed-source"
    // Nobody is guilty.
    case busy
    case bootStorm = "boot-storm"
    case nightlyBatch = "nightly-batch"
    case ownQuota = "own-quota"
    case balloon
    case snapshot
    case backup
    case paused
    case libvirtRestart = "libvirt-restart"

    /// Those that every change runs; the others take too long for that.
    static let brief: [Episode] = [
        .spin, .smallCulprits, .exitStorm, .diskFlood, .packetFlood, .spoofedSource, .busy, .ownQuota, .backup, .paused,
        .libvirtRestart,
    ]

    /// What must be made of it.
    var answer: Truth.Answer {
        switch self {
        case .spin, .squareWave, .smallCulprits, .memorySweep, .exitStorm, .alternating: .hold
        case .leak, .swapThrash, .diskFlood, .flushStorm, .packetFlood, .multicastStorm, .spoofedSource: .tell
        case .busy, .bootStorm, .nightlyBatch, .ownQuota, .balloon, .snapshot, .backup, .paused, .libvirtRestart:
            .nothing
        }
    }

    /// What goes on, in a few words.
    var summary: String {
        switch self {
        case .spin: "a guest keeps all its vCPUs busy"
        case .squareWave: "a guest is busy for 700 ms and rests for as long, over and over"
        case .smallCulprits: "three guests of one tenant keep one vCPU each busy"
        case .memorySweep: "a guest writes through 16 MiB on each vCPU"
        case .exitStorm: "a guest reads a clock that is a port, on all its vCPUs"
        case .alternating: "two guests of two tenants are busy in turn, 7 s each"
        case .leak: "a guest takes memory and gives none back"
        case .swapThrash: "a guest walks through more memory than it has"
        case .diskFlood: "a guest writes 8 MiB and flushes, over and over"
        case .flushStorm: "a guest writes 4 KiB and flushes, over and over"
        case .packetFlood: "a guest sends 2,000 packets a second to another"
        case .multicastStorm: "a guest sends 1,500 multicast packets a second"
        case .spoofedSource: "a guest sends from addresses that are not its own"
        case .busy: "a guest begins to work a third of the time and leaves the others enough"
        case .bootStorm: "three guests boot at once"
        case .nightlyBatch: "three guests work through a job in turn, a third of the time, and leave the others enough"
        case .ownQuota: "a guest with a quota of its own wants more"
        case .balloon: "memory is taken from a guest by its balloon, and given back"
        case .snapshot: "a guest's memory is dumped while it runs"
        case .backup: "the host copies and packs all guests' disks"
        case .paused: "a guest is paused for 6 s and goes on"
        case .libvirtRestart: "libvirtd is killed and started again"
        }
    }

    /// Who is guilty.
    ///
    /// - Parameter cast: The guests.
    /// - Returns: The guests; none where nobody is.
    func guilty(of cast: Cast) -> [Guest] {
        switch self {
        case .smallCulprits: cast.small
        case .alternating: [cast.noisy, cast.rogue]
        case .spoofedSource, .packetFlood, .multicastStorm: [cast.rogue]
        case .diskFlood, .flushStorm, .leak, .swapThrash: [cast.small[0]]
        case .spin, .squareWave, .memorySweep, .exitStorm: [cast.noisy]
        case .busy, .bootStorm, .nightlyBatch, .ownQuota, .balloon, .snapshot, .backup, .paused, .libvirtRestart: []
        }
    }

    /// Seconds for which it goes on where nobody acts, and for which an answer is waited for.
    var seconds: Double {
        switch self {
        case .spin, .squareWave, .smallCulprits, .memorySweep, .exitStorm: 25
        case .alternating: 35
        case .leak, .diskFlood, .packetFlood, .multicastStorm, .spoofedSource: 45
        // Told by the slow tier, which asks every 30 s until it has a suspicion.
        case .swapThrash, .flushStorm: 100
        case .busy, .ownQuota, .nightlyBatch: 20
        case .bootStorm, .balloon, .snapshot, .backup, .paused: 15
        case .libvirtRestart: 20
        }
    }
}
