internal import CLibvirt
internal import Signals

extension DomainHandle {
    /// The soft limit of memory in bytes; `nil` for none; blocks.
    ///
    /// The corresponding C function is `virDomainGetMemoryParameters`.
    borrowing func memorySoftLimit() throws(LibvirtError) -> UInt64? {
        let function = "virDomainGetMemoryParameters"
        let values = try unsafe parameters(function) { domain, list, count, flags in
            // SAFETY: the domain and the list live for the call; the same below.
            unsafe virDomainGetMemoryParameters(domain, list, count, flags)
        }
        guard let limit = values[VIR_DOMAIN_MEMORY_SOFT_LIMIT]?.count else {
            throw CallContext(function, uuid).failure(.unsupported, "the driver has no soft limit of memory")
        }
        return limit < UInt64(VIR_DOMAIN_MEMORY_PARAM_UNLIMITED) ? limit << 10 : nil
    }

    /// Sets the soft limit of memory and nothing else; blocks.
    ///
    /// The corresponding C function is `virDomainSetMemoryParameters`.
    borrowing func setMemorySoftLimit(_ bytes: UInt64?) throws(LibvirtError) {
        let limit = bytes.map { $0 >> 10 } ?? UInt64(VIR_DOMAIN_MEMORY_PARAM_UNLIMITED)
        try unsafe set(
            "virDomainSetMemoryParameters",
            [NamedSetting(VIR_DOMAIN_MEMORY_SOFT_LIMIT, .ulong(limit))]
        ) { domain, list, count, flags in
            unsafe virDomainSetMemoryParameters(domain, list, count, flags)
        }
    }

    /// The bytes that the balloon leaves to the guest now; blocks.
    ///
    /// The corresponding C function is `virDomainGetInfo`.
    borrowing func balloon() throws(LibvirtError) -> UInt64 {
        let context = CallContext("virDomainGetInfo", uuid)
        return try unsafe withPointer { domain throws(LibvirtError) in
            var info = virDomainInfo()
            // SAFETY: libvirt fills the one record, which holds no pointers.
            try context.check(unsafe virDomainGetInfo(domain, &info))
            return UInt64(info.memory) << 10
        }
    }

    /// Asks the balloon to leave so many bytes to the guest; blocks until QEMU has been told.
    ///
    /// The corresponding C function is `virDomainSetMemoryFlags`.
    borrowing func setBalloon(_ bytes: UInt64) throws(LibvirtError) {
        let context = CallContext("virDomainSetMemoryFlags", uuid)
        _ = try unsafe withPointer { domain throws(LibvirtError) in
            // SAFETY: the domain lives for the call.
            try context.check(
                unsafe virDomainSetMemoryFlags(domain, UInt(bytes >> 10), VIR_DOMAIN_AFFECT_LIVE.rawValue)
            )
        }
    }
}
