/// The program that a guest runs as its process 1: a shell script for busybox.
///
/// It reads commands, one a line, from its second serial port and answers on the first:
///
/// | command | what the guest does until the next one | answers |
/// |---|---|---|
/// | `idle` | nothing | |
/// | `spin` | keeps every vCPU busy | |
/// | `square MS` | keeps every vCPU busy for MS milliseconds, rests for as long, and so on | |
/// | `duty PERCENT [MS]` | a service: every MS milliseconds (40 by default) a fixed piece of work | `@work mean max count` in µs of wall clock, every second |
/// | `mem` | writes through 16 MiB of memory without end | |
/// | `sweep` | the same on every vCPU | |
/// | `disk` | writes 8 MiB to its disk and flushes, without end | |
/// | `log` | writes to its disk 4 KiB at a time past its own cache, as a database does | |
/// | `flood NUMBER` | sends packets to the guest of that number as fast as they are answered, or ten a second | |
/// | `exits` | reads a clock that is a port of the hypervisor, on every vCPU | |
/// | `leak` | takes some 2 MiB of memory a second and gives none back | |
/// | `thrash` | walks through more memory than it has, with its disk for swap | |
/// | `flush` | writes 4 KiB to its disk and flushes, without end | |
/// | `packets RATE NUMBER` | sends so many packets a second to the guest of that number | |
/// | `multicast RATE` | sends so many multicast packets a second | |
/// | `spoof RATE NUMBER` | sends packets to the guest of that number from addresses that are not its own | |
/// | `show` | goes on with what it does | `@show carriers received sent memory`: links that are up, packets of its first interface, KiB in all |
/// | `calibrate` | measures how fast it is, for `duty` | `@speed` in ns a turn |
/// | `ping WORD` | nothing | |
///
/// Each is answered with `@ok` and the command itself once it is in force.
enum GuestInit {
    /// The programs of busybox that the script needs by name.
    static let applets = [
        "sh", "mount", "umount", "insmod", "ip", "stty", "dd", "mkdir", "mkfifo", "mkswap", "swapon", "swapoff",
        "nproc",
        "poweroff", "sleep", "cat", "ping",
    ]

    /// The kernel modules, in the order in which they must be loaded.
    static let modules = [
        "virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "failover",
        "net_failover", "virtio_net", "virtio_blk", "virtio_balloon", "pktgen",
    ]

    /// The script.
    static let script = #"""
        #!/bin/sh
        export PATH=/bin
        mount -t proc proc /proc
        mount -t sysfs sysfs /sys
        mount -t devtmpfs dev /dev
        exec </dev/null >/dev/ttyS0 2>&1
        for module in $(cat /modules); do insmod /lib/$module.ko; done
        number=1
        for word in $(cat /proc/cmdline); do
            case $word in number=*) number=${word#number=} ;; esac
        done
        ip link set lo up
        ip addr add 10.213.0.$number/24 dev eth0 && ip link set eth0 up
        [ -e /sys/class/net/eth1 ] && ip link set eth1 up
        stty -F /dev/ttyS1 raw -echo
        # A pipe that nobody writes to: reading it with a limit is a rest that starts no process.
        mkfifo /nap
        cpus=$(nproc)
        jobs=""
        speed=1000
        clock=/sys/devices/system/clocksource/clocksource0/current_clocksource
        usual=$(cat $clock)
        sender=/proc/net/pktgen

        # Microseconds since some start, in $time.
        now() {
            instant=$EPOCHREALTIME
            part=1${instant#*.}
            instant=${instant%.*}
            time=$(( (instant % 1000000) * 1000000 + part - 1000000 ))
        }
        # A fixed piece of work of so many turns.
        work() {
            turn=0
            while [ $turn -lt $1 ]; do turn=$((turn + 1)); done
        }
        # Rests for so many microseconds, less than a second.
        rest() {
            part=$((1000000 + $1))
            read -t 0.${part#1} nothing <&3
        }
        # The nanoseconds of a turn, in $speed: the best of many tries, so that a busy host does not count.
        calibrate() {
            best=1000000
            for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                now; begin=$time
                work 1000
                now
                [ $((time - begin)) -lt $best ] && best=$((time - begin))
            done
            speed=$best
        }
        spin() { while :; do work 100000; done; }
        square() {
            exec 3<>/nap
            half=$(($1 * 1000))
            while :; do
                now; begin=$time
                while [ $((time - begin)) -lt $half ]; do work 200; now; done
                left=$half
                while [ $left -gt 900000 ]; do rest 900000; left=$((left - 900000)); done
                rest $left
            done
        }
        duty() {
            exec 3<>/nap
            period=$(($2 * 1000))
            turns=$(($1 * period * 10 / speed))
            now; next=$time
            while :; do
                count=0; sum=0; most=0
                while [ $((count * period)) -lt 1000000 ]; do
                    now; begin=$time
                    work $turns
                    now
                    took=$((time - begin))
                    sum=$((sum + took)); count=$((count + 1))
                    [ $took -gt $most ] && most=$took
                    next=$((next + period))
                    if [ $next -gt $time ]; then rest $((next - time)); else next=$time; fi
                done
                echo "@work $((sum / count)) $most $count"
            done
        }
        mem() { while :; do dd if=/dev/zero of=/dev/null bs=16M count=64; done 2>/dev/null; }
        disk() { while :; do dd if=/dev/zero of=/dev/vda bs=1M count=8 conv=fsync; done 2>/dev/null; }
        log() { while :; do dd if=/dev/zero of=/dev/vda bs=4k count=2048 oflag=direct; done 2>/dev/null; }
        flood() { ping -A -q -s 1000 10.213.0.$1 >/dev/null; }
        # Tells what the kernel of this guest has counted.
        show() {
            carriers=0
            for link in /sys/class/net/eth*; do carriers=$((carriers + $(cat $link/carrier))); done
            counts=/sys/class/net/eth0/statistics
            while read -r name amount unit; do [ $name = MemTotal: ] && memory=$amount; done </proc/meminfo
            echo "@show $carriers $(cat $counts/rx_packets) $(cat $counts/tx_packets) $memory"
        }
        # Starts a copy of a workload for every vCPU.
        everywhere() {
            cpu=0
            while [ $cpu -lt $cpus ]; do
                "$@" &
                jobs="$jobs $!"
                cpu=$((cpu + 1))
            done
        }
        halt() {
            [ -e $sender/pgctrl ] && echo stop >$sender/pgctrl
            [ -n "$jobs" ] && kill -9 $jobs && wait $jobs
            jobs=""
            echo $usual >$clock
            [ -e /groups/small ] && echo 1 >/groups/small/cgroup.kill
            [ -e /leak ] && umount -l /leak && swapoff /dev/vda
        } 2>/dev/null
        \#(abuse)

        calibrate
        echo "@ready $cpus $speed"
        exec 4</dev/ttyS1
        while read -r command first second <&4; do
            case $command in
            idle) halt ;;
            spin) halt; everywhere spin ;;
            square) halt; everywhere square $first ;;
            duty) halt; duty $first ${second:-40} & jobs="$jobs $!" ;;
            mem) halt; mem & jobs="$jobs $!" ;;
            disk) halt; disk & jobs="$jobs $!" ;;
            log) halt; log & jobs="$jobs $!" ;;
            flood) halt; flood $first & jobs="$jobs $!" ;;
            sweep) halt; everywhere mem ;;
            exits) halt; echo acpi_pm >$clock; everywhere exits ;;
            leak) halt; leak & jobs="$jobs $!" ;;
            thrash) halt; thrash & jobs="$jobs $!" ;;
            flush) halt; flush & jobs="$jobs $!" ;;
            packets) halt; send "ratep $first" "$(target $second)" & jobs="$jobs $!" ;;
            multicast) halt; send "ratep $first" "dst 224.0.0.251" "dst_mac 01:00:5e:00:00:fb" & jobs="$jobs $!" ;;
            spoof) halt; send "ratep $first" "$(target $second)" "src_min 10.213.0.251" "src_max 10.213.0.254" & jobs="$jobs $!" ;;
            show) show ;;
            calibrate) halt; calibrate; echo "@speed $speed" ;;
            ping) ;;
            *) echo "@unknown $command"; continue ;;
            esac
            echo "@ok $command $first"
        done
        poweroff -f

        """#
}
