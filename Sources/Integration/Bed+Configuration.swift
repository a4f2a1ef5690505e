extension Bed {
    /// The directories of the bed and what each is bound over.
    static let covers = [
        ("etc-libvirt", "/etc/libvirt"),
        ("run-libvirt", "/run/libvirt"),
        ("lib-libvirt", "/var/lib/libvirt"),
        ("log-libvirt", "/var/log/libvirt"),
        ("cache-libvirt", "/var/cache/libvirt"),
        ("run-systemd-journal", "/run/systemd/journal"),
        ("run-journal", "/run/log/journal"),
        ("log-journal", "/var/log/journal"),
        ("etc-quell", "/etc/quell"),
        ("run-quell", "/run/quell"),
        ("lib-quell", "/var/lib/quell"),
    ]

    /// QEMU without namespaces of its own, because one would bring /dev/kvm back.
    ///
    /// It runs as the user of the distribution's package: to root the hidden /dev/kvm would still look usable.
    static let qemuConfiguration = """
        remember_owner = 0
        security_driver = "none"
        namespaces = []

        """

    /// Root alone may connect, without asking anybody.
    static let libvirtdConfiguration = """
        auth_unix_ro = "none"
        auth_unix_rw = "none"
        unix_sock_rw_perms = "0700"
        log_outputs = "3:stderr"

        """

    /// In memory, without a limit on the rate, and only what programs send.
    static let journaldConfiguration = """
        [Journal]
        Storage=volatile
        RateLimitIntervalSec=0
        ForwardToSyslog=no
        ForwardToWall=no
        ForwardToConsole=no
        ReadKMsg=no
        Audit=no

        """
}
