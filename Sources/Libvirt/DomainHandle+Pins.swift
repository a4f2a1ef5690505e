internal import CLibvirt
internal import Glibc
internal import Signals

extension DomainHandle {
    /// The host CPUs of threads, in the order of their numbers; blocks.
    borrowing func pins(of threads: DomainThreads) throws(LibvirtError) -> [CPUSet] {
        try numberedPins(of: threads, hostCPUs()).map(\.cpus)
    }

    /// Pins threads to host CPUs, in the order of their numbers; blocks.
    ///
    /// Threads beyond the list, which were added since it was made, get the last of it; what is beyond the threads is
    /// left out. Where libvirt refuses one, those before it get back what they had.
    borrowing func setPins(_ pins: [CPUSet], of threads: DomainThreads) throws(LibvirtError) {
        let host = try hostCPUs()
        let before = try numberedPins(of: threads, host)
        guard let last = pins.last else {
            throw CallContext(Self.pinFunction(threads), uuid).failure(.invalidArgument, "no CPUs are given")
        }
        for (index, thread) in before.enumerated() {
            do throws(LibvirtError) {
                try pin(thread.number, index < pins.count ? pins[index] : last, of: threads, host)
            } catch {
                if error.outcomeUnknown { throw error }
                for thread in before[..<index] {
                    do throws(LibvirtError) {
                        try pin(thread.number, thread.cpus, of: threads, host)
                    } catch let second {
                        throw second.code == .noDomain ? second : error.partlyDone()
                    }
                }
                throw error
            }
        }
    }

    private borrowing func hostCPUs() throws(LibvirtError) -> HostCPUs {
        try unsafe withPointer { domain throws(LibvirtError) in
            // SAFETY: the connection of a domain lives as long as the domain.
            try unsafe HostCPUs(virDomainGetConnect(domain))
        }
    }

    private static func pinFunction(_ threads: DomainThreads) -> String {
        switch threads {
        case .vcpus: "virDomainPinVcpuFlags"
        case .emulator: "virDomainPinEmulator"
        case .iothreads: "virDomainPinIOThread"
        }
    }

    /// Pins one thread.
    private borrowing func pin(
        _ number: UInt32,
        _ cpus: CPUSet,
        of threads: DomainThreads,
        _ host: HostCPUs
    ) throws(LibvirtError) {
        let context = CallContext(Self.pinFunction(threads), uuid)
        guard var map = cpus.map(bytes: host.mapLength) else {
            throw context.failure(.invalidArgument, "the host has no CPUs \(cpus)")
        }
        let length = Int32(map.count)
        _ = try unsafe withPointer { domain throws(LibvirtError) in
            let live = VIR_DOMAIN_AFFECT_LIVE.rawValue
            // SAFETY: libvirt reads the map of that length during the call.
            switch threads {
            case .vcpus: try context.check(unsafe virDomainPinVcpuFlags(domain, number, &map, length, live))
            case .emulator: try context.check(unsafe virDomainPinEmulator(domain, &map, length, live))
            case .iothreads: try context.check(unsafe virDomainPinIOThread(domain, number, &map, length, live))
            }
        }
    }

    /// The host CPUs of threads with their numbers, lowest first.
    private borrowing func numberedPins(
        of threads: DomainThreads,
        _ host: HostCPUs
    ) throws(LibvirtError) -> [(number: UInt32, cpus: CPUSet)] {
        switch threads {
        case .vcpus: try vcpuPins(host)
        case .emulator: [(0, try emulatorPins(host))]
        case .iothreads: try iothreadPins()
        }
    }

    /// The corresponding C functions are `virDomainGetVcpus`, which knows the numbers of those that are online, and
    /// `virDomainGetVcpuPinInfo`, which counts those that are not, too.
    private borrowing func vcpuPins(_ host: HostCPUs) throws(LibvirtError) -> [(number: UInt32, cpus: CPUSet)] {
        let context = CallContext("virDomainGetVcpuPinInfo", uuid)
        return try unsafe withPointer { domain throws(LibvirtError) in
            let live = VIR_DOMAIN_AFFECT_LIVE.rawValue
            // SAFETY: libvirt writes at most as many records as there is room for, and says how many.
            let most = try context.check(
                unsafe virDomainGetVcpusFlags(domain, live | VIR_DOMAIN_VCPU_MAXIMUM.rawValue)
            )
            var records = [virVcpuInfo](repeating: virVcpuInfo(), count: Int(most))
            let online = try context.check(unsafe virDomainGetVcpus(domain, &records, most, nil, 0))
            let length = host.mapLength
            var maps = [UInt8](repeating: 0, count: Int(most) * length)
            let told = try context.check(unsafe virDomainGetVcpuPinInfo(domain, most, &maps, Int32(length), live))
            return records.prefix(Int(online)).compactMap { record in
                guard record.number < UInt32(told) else { return nil }
                return (record.number, CPUSet(map: maps.dropFirst(Int(record.number) * length).prefix(length)))
            }
        }
    }

    /// The corresponding C function is `virDomainGetEmulatorPinInfo`.
    private borrowing func emulatorPins(_ host: HostCPUs) throws(LibvirtError) -> CPUSet {
        let context = CallContext("virDomainGetEmulatorPinInfo", uuid)
        return try unsafe withPointer { domain throws(LibvirtError) in
            var map = [UInt8](repeating: 0, count: host.mapLength)
            // SAFETY: libvirt writes at most the length of the map.
            try context.check(
                unsafe virDomainGetEmulatorPinInfo(domain, &map, Int32(map.count), VIR_DOMAIN_AFFECT_LIVE.rawValue)
            )
            return CPUSet(map: map)
        }
    }

    /// The corresponding C function is `virDomainGetIOThreadInfo`.
    private borrowing func iothreadPins() throws(LibvirtError) -> [(number: UInt32, cpus: CPUSet)] {
        let context = CallContext("virDomainGetIOThreadInfo", uuid)
        return try unsafe withPointer { domain throws(LibvirtError) in
            var list: UnsafeMutablePointer<virDomainIOThreadInfoPtr?>?
            // SAFETY: libvirt allocates the list and the records in it, which are freed here.
            let count = try context.check(
                unsafe virDomainGetIOThreadInfo(domain, &list, VIR_DOMAIN_AFFECT_LIVE.rawValue)
            )
            defer { unsafe free(list) }
            var pins: [(number: UInt32, cpus: CPUSet)] = []
            for index in 0..<Int(count) {
                guard let record = unsafe list?[index] else { continue }
                let map = unsafe UnsafeBufferPointer(start: record.pointee.cpumap, count: Int(record.pointee.cpumaplen))
                unsafe pins.append((record.pointee.iothread_id, CPUSet(map: map)))
                unsafe virDomainIOThreadInfoFree(record)
            }
            return pins.sorted { $0.number < $1.number }
        }
    }
}
