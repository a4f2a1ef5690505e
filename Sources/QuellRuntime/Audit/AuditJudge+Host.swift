import HostReaders
import Signals
import Systemd

/// What is judged of the host by itself.
extension AuditJudge {
    /// Judges what the kernel says of the CPU's flaws (`ABI/testing/sysfs-devices-system-cpu`).
    mutating func judgeCPU() {
        let flaws: [String: String]
        switch facts.vulnerabilities {
        case .untold(let why):
            miss(.cpuVulnerable, why: why)
            miss(.cpuVulnerableBetweenThreads, why: why)
            return
        case .told(let told): flaws = told
        }
        for (name, text) in flaws.sorted(by: { $0.key < $1.key }) {
            let flaw = PlainText.name(name, limit: 60)
            let evidence = "\(flaw): \(PlainText.line(text, limit: 300))"
            let lower = text.lowercased()
            let between = lower.contains("smt vulnerable")
            // What is left without the threads: a mitigation may still be missing a part, as in "BHI: Vulnerable".
            let rest = lower.split(separator: ";").joined(separator: ",").split(separator: ",")
                .filter { !$0.contains("smt vulnerable") }
            if rest.contains(where: { $0.contains("vulnerable") }) {
                find(
                    .cpuVulnerable,
                    part: name,
                    evidence,
                    remedy: "newer microcode and kernel, and no mitigations=off on the kernel's command line; see "
                        + "admin-guide/hw-vuln"
                )
            } else if between {
                find(
                    .cpuVulnerableBetweenThreads,
                    part: name,
                    evidence,
                    remedy: "echo off > /sys/devices/system/cpu/smt/control, or core scheduling"
                )
            } else if text.isEmpty || lower.hasPrefix("unknown") {
                miss(.cpuVulnerable, part: name, why: text.isEmpty ? "\(flaw) cannot be read" : evidence)
            }
        }
    }

    /// Judges whether the kernel clears memory by itself.
    mutating func judgeMemory() {
        judge(facts.clearsAlloc, .allocNotCleared, remedy: "init_on_alloc=1 on the kernel's command line")
        judge(facts.clearsFree, .freeNotCleared, remedy: "init_on_free=1 on the kernel's command line")
    }

    private mutating func judge(_ answer: Told<MemoryInit.Answer>, _ check: AuditCheck, remedy: String) {
        switch answer {
        case .untold(let why): miss(check, why: why)
        case .told(let answer) where answer.isOn: break
        case .told(let answer): find(check, answer.source, remedy: remedy)
        }
    }

    /// Judges where pages are swapped to.
    mutating func judgeSwap() {
        let areas: [AuditFacts.Swap]
        switch facts.swap {
        case .untold(let why):
            miss(.swapUnencrypted, why: why)
            return
        case .told(let told): areas = told
        }
        for swap in areas {
            let path = PlainText.line(swap.area.path, limit: 200)
            switch swap.store {
            case .encrypted, .memory: break
            case .unknown(let why): miss(.swapUnencrypted, part: swap.area.path, why: PlainText.line(why))
            case .plain:
                var evidence =
                    "\(path) is no dm-crypt device, \(swap.area.used >> 20) of \(swap.area.size >> 20) MiB used"
                if facts.hasZswap { evidence += "; zswap keeps some of it in memory" }
                find(
                    .swapUnencrypted,
                    part: swap.area.path,
                    evidence,
                    remedy: "swapoff \(Self.quoted(swap.area.path)); a line \"swap DEVICE /dev/urandom swap\" in "
                        + "/etc/crypttab"
                )
            }
        }
    }
}
