import Foundation
import Signals

/// What Quell writes into a VM's metadata while it holds it: enough for another host's Quell to let it go, wherever the VM
/// has been migrated to or restored.
///
/// A migrated VM takes its limits along, and no ledger. The mark is written before anything is set and taken off last, so
/// that a VM without one is not held.
struct HoldMark: Equatable, Codable {
    /// The format that is written and the newest that is read.
    static let version = 1
    /// A mark that is longer, in bytes, is none of Quell's.
    static let longest = 65_536

    /// One knob of a hold.
    struct Entry: Equatable, Codable {
        /// What was changed, as it was called on the host that changed it.
        var knob: Knob
        /// The setting before.
        var before: Setting
        /// The setting in force, or about to be.
        var set: [Setting]
        /// What the VM is held back over.
        var contention: Contention
        /// How far, and why, for people only.
        var step: String
        /// The rule that asked for it.
        var rule: String
        /// When it ends, in nanoseconds since 1970.
        var until: Int64
    }

    /// The format.
    var v = Self.version
    /// The boot of the host that holds it.
    var boot: String
    /// The host's devices of its interfaces in the order of the VM's description: on another host they have other names.
    var interfaces: [String]
    /// What is held.
    var entries: [Entry]

    /// The mark of the leases of one VM; `nil` where there are none.
    ///
    /// - Parameters:
    ///   - leases: The open leases.
    ///   - interfaces: The host's devices of its interfaces.
    ///   - bootID: This boot.
    init?(_ leases: [Lease], interfaces: [String], bootID: String) {
        guard !leases.isEmpty else { return nil }
        boot = bootID
        self.interfaces = interfaces
        entries = leases.map { lease in
            Entry(
                knob: lease.knob,
                before: lease.before,
                set: [lease.set] + (lease.pending.map { [$0] } ?? []),
                contention: lease.contention,
                step: lease.step,
                rule: lease.rule,
                until: lease.expires.wall
            )
        }
    }

    /// Reads a mark; `nil` for a text that is none.
    ///
    /// - Parameter text: What stands in the VM's metadata.
    init?(_ text: String) {
        guard text.utf8.count <= Self.longest,
            let mark = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)), mark.v == Self.version,
            mark.entries.allSatisfy({ entry in
                entry.before.fits(entry.knob) && entry.set.allSatisfy { $0.fits(entry.knob) }
            })
        else { return nil }
        self = mark
    }

    /// The text for the metadata.
    func text() throws(LedgerError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return String(decoding: try encoder.encode(self), as: UTF8.self) } catch { throw .encoding("\(error)") }
    }

    /// The knob of an entry as it is called on this host; `nil` for what does not travel with a VM.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - parts: What the VM is made of here.
    /// - Returns: The knob.
    func local(_ entry: Entry, _ parts: VMParts) -> Knob? {
        func here(_ device: String) -> String? {
            guard let index = interfaces.firstIndex(of: device), parts.interfaces.indices.contains(index) else {
                return nil
            }
            return parts.interfaces[index].device
        }
        switch entry.knob {
        case .receive(let device): return here(device).map(Knob.receive)
        case .transmit(let device): return here(device).map(Knob.transmit)
        case .link(let device): return here(device).map(Knob.link)
        case .filter(let device): return here(device).map(Knob.filter)
        case .disk(let target): return parts.disks.contains(target) ? entry.knob : nil
        case .iothreadQuota, .iothreadPins: return parts.iothreads > 0 ? entry.knob : nil
        case .cacheGroup, .gpuPower, .gpuClocks, .gpuSchedule: return nil
        case .vcpuQuota, .emulatorQuota, .cpuShares, .memorySoftLimit, .balloon, .vcpuPins, .emulatorPins, .power:
            return entry.knob
        }
    }
}
