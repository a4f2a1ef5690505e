/// A `tc` for the bed's libvirtd that does without what this host's kernel may lack.
///
/// libvirt puts a fair queue and a firewall-mark filter beside the class that limits an interface. Some kernels have
/// neither. The limit itself does not need them: a plain queue takes the place of the first, and the class is the
/// default anyway. The real `tc` is asked first, always, so that a kernel that has both is used as it is.
enum TrafficStandIn {
    /// Writes the program into a directory of its own.
    ///
    /// - Parameter directory: The bed's directory.
    /// - Returns: The directory that goes first in the `PATH` of libvirtd; `nil` where the host has no `tc`.
    /// - Throws: ``BedError/file(path:why:)``.
    static func make(in directory: String) throws(BedError) -> String? {
        guard let real = Child.path(of: "tc") else { return nil }
        let home = directory + "/bin"
        try Files.makeDirectory(home)
        try Files.write(script(real), to: home + "/tc")
        try Shell.run(["chmod", "755", home, home + "/tc"])
        return home
    }

    private static func script(_ real: String) -> String {
        #"""
        #!/bin/sh
        case " $* " in
        *" qdisc add "*" sfq perturb "*)
            \#(real) "$@" 2>/dev/null && exit 0
            # qdisc add dev DEVICE parent PARENT handle HANDLE sfq perturb SECONDS
            exec \#(real) qdisc add dev "$4" parent "$6" handle "$8" pfifo ;;
        *" filter add "*" fw "*)
            \#(real) "$@" 2>/dev/null
            exit 0 ;;
        esac
        exec \#(real) "$@"

        """#
    }
}
