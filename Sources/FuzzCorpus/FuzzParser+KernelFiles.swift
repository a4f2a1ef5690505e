internal import HostReaders

extension FuzzParser {
    /// The kernel's files that are read whole.
    static let kernelFiles: [FuzzParser] = [
        .file(
            "cpu.stat",
            [
                "usage_usec 60000000\nuser_usec 50000000\nsystem_usec 10000000\nnice_usec 0\n"
                    + "core_sched.force_idle_usec 0\nnr_periods 9\nnr_throttled 3\nthrottled_usec 400000\nnr_bursts 0\n",
                "nr_periods 9\nnr_throttled 2\nthrottled_time 300000000\n",
            ]
        ) { bytes, seen throws(Malformed) in
            let stat = try CPUStat(bytes)
            for time in [stat.usage, stat.user, stat.system] { seen.number(time, times: 1_000) }
            seen.number(stat.throttledPeriods)
            let isEmpty = stat.usage == nil && stat.user == nil && stat.system == nil && stat.throttled == nil
            seen.expect(!isEmpty || stat.throttledPeriods != nil, "a file that is taken says something")
        },
        .file("cpuacct.stat", ["user 500\nsystem 200\n"]) { bytes, seen throws(Malformed) in
            let stat = try CPUAcctStat(bytes)
            seen.number(stat.user)
            seen.number(stat.system)
        },
        .file(
            "pressure",
            [
                "some avg10=1.25 avg60=0.00 avg300=0.00 total=355668\n"
                    + "full avg10=0.00 avg60=0.00 avg300=0.00 total=345659\n",
                "some avg10=0.00 avg60=0.00 avg300=0.00 total=709\n",
            ]
        ) { bytes, seen throws(Malformed) in
            let pressure = try Pressure(bytes)
            seen.number(pressure.some)
            seen.number(pressure.full)
        },
        .file("schedstat", ["767686563 569664376 375\n"]) { bytes, seen throws(Malformed) in
            let stat = try SchedStat(bytes)
            for value in [stat.runTime, stat.runDelay, stat.timeslices] { seen.number(value) }
        },
        .file(
            "memory.stat",
            [
                "anon 536870912\nfile 20971520\nkernel 4194304\nshmem 1048576\nanon_thp 402653184\npgfault 140000\n"
                    + "pgmajfault 100\npgrefill 0\n",
                "cache 9\nrss 1\nshmem 1\npgmajfault 1\ntotal_cache 9\ntotal_rss 70\ntotal_rss_huge 4\ntotal_shmem 2\n"
                    + "total_pgmajfault 8\n",
            ]
        ) { bytes, seen throws(Malformed) in
            let stat = try MemoryStat(bytes)
            for value in [stat.anonymous, stat.shared, stat.majorFaults] { seen.number(value) }
            seen.expect(stat.resident ?? 0 >= stat.anonymous ?? .max, "the sum is there and no less than its part")
        },
        .file(
            "memory.events",
            [
                "low 0\nhigh 0\nmax 0\noom 0\noom_kill 2\noom_group_kill 0\n",
                "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n",
            ]
        ) { bytes, seen throws(Malformed) in
            seen.number(try OOMEvents(bytes).kills)
        },
        .file("single-value", ["573108224\n", "max\n", "-1\n"]) { bytes, seen throws(Malformed) in
            seen.number(try SingleValue(bytes).value)
        },
        .file("cpu.max", ["max 100000\n", "20000 100000\n"]) { bytes, seen throws(Malformed) in
            let limit = try CPUMax(bytes)
            seen.number(limit.quota)
            seen.number(limit.period)
        },
        .file(
            "proc-io",
            [
                "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 225280\nwrite_bytes: 4096\n"
                    + "cancelled_write_bytes: 0\n"
            ]
        ) { bytes, seen throws(Malformed) in
            let io = try ProcessIO(bytes)
            seen.number(io.readBytes)
            seen.number(io.writeBytes)
        },
        .file(
            "proc-stat",
            [
                "4242 (qemu-system-x86) S 1 41 41 0 -1 4194368 1 0 3 0 7 8 0 0 20 0 5 0 215515 1000 250 "
                    + "18446744073709551615 1 1 0\n",
                "42 (a) R 1 (b) 9) S 1 41 41 0 -1 4194368 1 0 3 0 7 8 0 0 20 0 5 0 215515 1000 250 1\n",
            ]
        ) { bytes, seen throws(Malformed) in
            let stat = try ProcessStat(bytes)
            for value in [stat.majorFaults, stat.userTicks, stat.systemTicks] { seen.number(value) }
            for value in [stat.threads, stat.startTicks, stat.residentPages] { seen.number(value) }
        },
        .file("loadavg", ["0.34 0.14 0.11 5/122 10521\n"]) { bytes, seen throws(Malformed) in
            seen.number(try LoadAverage(bytes).runnable)
        },
    ]

    /// The kernel's files that are read line by line.
    static let kernelLines: [FuzzParser] = [
        .lines(
            "io.stat",
            [
                "254:0 rbytes=1048576 wbytes=2097152 rios=100 wios=200 dbytes=0 dios=0\n"
                    + "8:16 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n",
                "8:0 \n8:32 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0 cost.vrate=100.00 cost.usage=0\n",
            ]
        ) { bytes, seen in
            var lines = IOStatLines()
            while let device = lines.next(bytes), seen.line() {
                for value in [device.device >> 32, device.device & 0xffff_ffff] { seen.number(value) }
                // A counter without its word in the line is 0.
                for value in [device.readBytes, device.writeBytes, device.readOps, device.writeOps] where value > 0 {
                    seen.number(value)
                }
            }
            return lines.malformed
        },
        .lines(
            "blkio.throttle",
            ["8:0 Read 4096\n8:0 Write 20\n8:0 Sync 4116\n8:0 Async 0\n8:0 Discard 0\n8:0 Total 4116\nTotal 4116\n"]
        ) { bytes, seen in
            var lines = BlkIOLines()
            while let entry = lines.next(bytes), seen.line() { seen.number(entry.value) }
            return lines.malformed
        },
        .lines(
            "net-dev",
            [
                "Inter-|   Receive                |  Transmit\n face |bytes    packets errs |bytes    packets errs\n"
                    + "    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n vnet0:    1000      10    1    2    0     0"
                    + "          0         0     5000      50    3    4    0     0       0          0\n"
            ]
        ) { bytes, seen in
            var lines = NetworkDeviceLines()
            while let device = lines.next(bytes), seen.line() {
                let counts = device.counters
                for value in [counts.rxBytes, counts.rxPackets, counts.rxErrors, counts.rxDrops] { seen.number(value) }
                for value in [counts.txBytes, counts.txPackets, counts.txErrors, counts.txDrops] { seen.number(value) }
                seen.number(counts.multicast)
            }
            return lines.malformed
        },
    ]
}
