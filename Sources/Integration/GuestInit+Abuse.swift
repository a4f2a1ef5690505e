extension GuestInit {
    /// The part of the script that misbehaves in ways of its own.
    static let abuse = #"""
        # Every look at this clock is an exit to the hypervisor.
        exits() { while :; do now; done; }
        leak() {
            exec 3<>/nap
            mkdir -p /leak
            mount -t tmpfs -o size=60m leak /leak
            while dd if=/dev/zero bs=128k count=8; do rest 250000; done >>/leak/grows 2>/dev/null
        }
        # A part of the guest has less memory than it walks through, so that the guest itself lives.
        thrash() {
            mkdir -p /leak /groups
            mount -t cgroup2 groups /groups
            echo +memory >/groups/cgroup.subtree_control
            mkdir -p /groups/small
            echo 12M >/groups/small/memory.max
            mkswap /dev/vda && swapon /dev/vda && mount -t tmpfs -o size=24M thrash /leak
            echo 0 >/groups/small/cgroup.procs
            dd if=/dev/zero bs=64k count=352 of=/leak/much
            while :; do dd if=/leak/much of=/dev/null bs=64k; done
        } 2>/dev/null
        flush() { while :; do dd if=/dev/zero of=/dev/vda bs=4k count=1 conv=fsync,notrunc; done 2>/dev/null; }
        # Where packets to a guest go.
        target() { printf 'dst 10.213.0.%d\ndst_mac 52:54:00:71:6c:%02x' $1 $1; }
        # Has the kernel send small packets; each word is a line for pktgen.
        send() {
            echo rem_device_all >$sender/kpktgend_0
            echo "add_device eth0" >$sender/kpktgend_0
            printf '%s\n' "count 0" "pkt_size 100" "$@" | while read -r line; do echo "$line" >$sender/eth0; done
            echo start >$sender/pgctrl
        } 2>/dev/null
        """#
}
