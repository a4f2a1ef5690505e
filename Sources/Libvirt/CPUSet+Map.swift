internal import Signals

extension CPUSet {
    /// The CPUs of a map as libvirt writes it: the lowest CPU in the lowest bit of the first byte.
    init(map: some Sequence<UInt8>) {
        self.init()
        for (index, byte) in map.enumerated() where byte != 0 {
            for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 { insert(index * 8 + bit) }
        }
    }

    /// The map of so many bytes; `nil` where a CPU lies beyond it.
    func map(bytes count: Int) -> [UInt8]? {
        guard (cpus.last ?? 0) < count * 8 else { return nil }
        return (0..<count).map { index in
            index / 8 < words.count ? UInt8(truncatingIfNeeded: words[index / 8] >> UInt64(index % 8 * 8)) : 0
        }
    }
}
