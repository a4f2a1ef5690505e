import Foundation

/// Who plays in the matrix: the guests of the scene, three small ones of the noisy tenant, and one of a tenant of its own.
struct Cast {
    /// The guests with steady work, and the noisy one.
    let scene: Scene
    /// Three guests of the noisy tenant with one vCPU each.
    let small: [Guest]
    /// A guest whose interface lets no packet of a false address through.
    let rogue: Guest
    /// The daemon.
    let daemon: Quelld

    /// Where they are.
    var bed: Bed { scene.bed }
    /// The noisy guest.
    var noisy: Guest { scene.noisy }
    /// The guests with steady work.
    var victims: [Guest] { scene.victims }
    /// Everybody.
    var guests: [Guest] { scene.guests + small + [rogue] }

    /// Boots those that the scene lacks, sets the victims to work and starts the daemon.
    ///
    /// - Parameters:
    ///   - scene: The guests, all at rest.
    ///   - acts: Whether the daemon holds anybody, or only says whom it would.
    /// - Throws: ``BedError`` if one does not come up.
    init(_ scene: Scene, acts: Bool) throws(BedError) {
        self.scene = scene
        try Self.defineFilter(scene.bed)
        let new = try scene.bed.boot([
            GuestSpec(label: "c2", tenant: "c"), GuestSpec(label: "c3", tenant: "c"),
            GuestSpec(label: "c4", tenant: "c"),
            GuestSpec(label: "d1", tenant: "d", filter: Self.filter),
        ])
        small = Array(new.dropLast())
        rogue = new[new.count - 1]
        let directory = scene.bed.directory
        let file = directory + "/matrix.yaml"
        try Files.write("version: 1\nmode: \(acts ? "enforce" : "dry-run")\n" + Self.site, to: file)
        daemon = try Quelld(on: scene.bed, name: acts ? "matrix" : "watcher", policy: [Quelld.shippedPolicy, file])
        // Eight guests share two CPUs, so that a quarter of one is what each may count on.
        for victim in victims { try victim.tell("duty 12 80") }
        try daemon.start()
    }

    /// Ends the daemon and takes the guests that the scene lacked away.
    ///
    /// - Returns: The daemon's exit status.
    /// - Throws: ``BedError`` if libvirt does not obey.
    func leave() throws(BedError) -> Int32 {
        let status = daemon.stop()
        if status != 0 { for line in daemon.log.suffix(5) { say("  quelld: \(line)") } }
        try bed.removeLast(small.count + 1)
        try bed.virsh(["nwfilter-undefine", Self.filter])
        try scene.rest()
        return status
    }

    /// What a site would set on so small a host, by the comments of the shipped policy: a quiet guest waits for up to 70
    /// ms/s for two CPUs that emulate, a flood is what emulated devices can send, and what takes minutes elsewhere takes
    /// seconds here.
    static let site = """
        rules:
          - name: cpu-starved
            above: 120 ms/s
          - name: memory-growth
            above: 400 KiB/s
            for: 5 s
            clear-after: 10 s
          - name: swap-thrash
            above: 64 KiB/s
            also: [mem.swap_in above 64 KiB/s]
            for: 1 s
            clear-after: 10 s
            rest: 5 s
          - name: disk-flood
            above: 8 MiB/s
            for: 5 s
            clear-after: 10 s
          - name: disk-request-flood
            above: 100 /s
            for: 5 s
            clear-after: 10 s
          - name: flush-storm
            above: 20 /s
            for: 1 s
            clear-after: 10 s
            rest: 5 s
          - name: net-packet-flood
            above: 800 /s
            clear-after: 10 s
          - name: net-multicast-flood
            above: 600 /s
            for: 4 s
            clear-after: 10 s
          - name: net-scanning
            enabled: no

        """

    private static let filter = "quell-bed-own-address"

    private static func defineFilter(_ bed: Bed) throws(BedError) {
        let rules = """
            <rule action='return' direction='out' priority='500'><ip srcipaddr='$IP'/></rule>
            <rule action='drop' direction='out' priority='1000'/>
            """
        try bed.defineFilter(filter, chain: "chain='ipv4' priority='-700'", rules: rules)
    }
}
