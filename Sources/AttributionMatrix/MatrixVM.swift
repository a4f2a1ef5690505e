internal import Signals

/// One VM of a generated host.
struct MatrixVM: Sendable {
    /// Its vCPUs.
    var vcpus: Int
    /// Its CPU weight.
    var weight = 1.0
    /// The number of its tenant; `nil` where it is not known.
    var tenant: Int?
    /// The domain that it lies in.
    var domain: Int
    /// What it wants of the resource.
    var load: Load
    /// What it wants of the other resource of a host with two.
    var second = Load(base: 0.01)
    /// Its cycles per instruction while nothing slows it.
    var cpi = 1.0
    /// How much of its time it waits for memory, 0 to 1, while nothing slows it.
    var memoryBound = 0.3
    /// Its working set, as a part of a cache.
    var workingSet = 0.1
    /// Bytes of its usual request or packet.
    var size = 8_192.0
    /// How it floods a network: what it sends, what it receives, or what it sends to its neighbours.
    var flood = Flood.sends
    /// A job that it is under in the event.
    var job: VMActivity = []
    /// A CPU quota of its own, in cores.
    var quota: Double?
    /// Memory touched a second, as a part of what it holds.
    var touch = 0.02
    /// What is in the cache, or of its memory on the disk, as a part of the domain.
    var state = 0.0

    /// How a flood goes.
    enum Flood: CaseIterable, Sendable { case sends, receives, toNeighbours }
}
