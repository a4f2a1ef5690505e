import AttributionMatrix
import Foundation
import Proving
import Signals

/// Judges attribution on generated hosts: `Matrix [--hosts N] [--seed N]`, or tells of one: `Matrix --tell KIND/SCENARIO
/// --seed N`, or times it: `Matrix --cost VMS`.
///
/// Judges Quell and rules of other systems on a recorded trace: `Matrix --judge DIR [--out FILE]`.
@main
struct Main {
    static func main() {
        var hosts = 2_700
        var seed: UInt64 = 1_000_000
        var told: (Contention, MatrixScenario)?
        var judged: String?
        var out: String?
        var arguments = CommandLine.arguments.dropFirst()
        while let name = arguments.popFirst() {
            let value = arguments.popFirst()
            switch name {
            case "--hosts": hosts = value.flatMap { Int($0) } ?? hosts
            case "--seed": seed = value.flatMap { UInt64($0) } ?? seed
            case "--tell":
                let parts = (value ?? "").split(separator: "/").map(String.init)
                guard parts.count == 2, let contention = Contention(rawValue: parts[0]),
                    let scenario = MatrixScenario(rawValue: parts[1])
                else { return print("--tell takes a contention and a scenario, such as disk/single") }
                told = (contention, scenario)
            case "--cost":
                for line in Cost.measure(vms: value.flatMap { Int($0) } ?? 1_000) { print(line) }
                return
            case "--judge": judged = value
            case "--out": out = value
            default:
                return print(
                    "unknown argument \(name): --hosts N, --seed N, --tell KIND/SCENARIO, --cost VMS, --judge DIR and "
                        + "--out FILE are known"
                )
            }
        }
        if let judged { return judge(judged, out: out) }
        if let told {
            for line in MatrixStory.tell(MatrixHost(told.0, told.1, seed: seed)) { print(line) }
            return
        }
        var table = MatrixTable()
        table.run(hosts: hosts, seed: seed)
        print("\(hosts) hosts, seeds \(seed) to \(seed &+ UInt64(max(1, hosts)) &- 1)")
        print(table.text)
        print("right culprit \(table.rightRate), nobody blamed where nobody is guilty \(table.cleanRate)")
    }

    private static func judge(_ place: String, out: String?) {
        do {
            let text = try TraceJudge(place).table().text
            if let out { try text.write(toFile: out, atomically: true, encoding: .utf8) }
            print(text)
        } catch {
            print("\(place) cannot be judged: \(error)")
            exit(1)
        }
    }
}
