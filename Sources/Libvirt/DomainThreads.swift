/// The kinds of threads that a QEMU process has.
public enum DomainThreads: Sendable, CaseIterable {
    /// One for each vCPU.
    case vcpus
    /// Those that emulate devices and answer libvirt.
    case emulator
    /// Those that were given disks of their own to serve.
    case iothreads
}
