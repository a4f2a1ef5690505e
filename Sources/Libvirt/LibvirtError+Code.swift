internal import CLibvirt

extension LibvirtError.Code {
    /// Translates libvirt's number; `origin` is the part of libvirt that raised it (`virErrorDomain`).
    init(number: Int32, origin: Int32) {
        guard number >= 0 else {
            self = .other(number)
            return
        }
        switch virErrorNumber(UInt32(number)) {
        case VIR_ERR_NO_DOMAIN, VIR_ERR_INVALID_DOMAIN: self = .noDomain
        case VIR_ERR_OPERATION_INVALID: self = .operationInvalid
        case VIR_ERR_OPERATION_DENIED, VIR_ERR_ACCESS_DENIED, VIR_ERR_AUTH_FAILED, VIR_ERR_AUTH_CANCELLED,
            VIR_ERR_AUTH_UNAVAILABLE:
            self = .denied
        case VIR_ERR_NO_SUPPORT, VIR_ERR_OPERATION_UNSUPPORTED, VIR_ERR_CONFIG_UNSUPPORTED,
            VIR_ERR_ARGUMENT_UNSUPPORTED:
            self = .unsupported
        case VIR_ERR_INVALID_ARG, VIR_ERR_OVERFLOW: self = .invalidArgument
        case VIR_ERR_OPERATION_TIMEOUT: self = .timedOut
        case VIR_ERR_AGENT_UNRESPONSIVE, VIR_ERR_AGENT_UNSYNCED: self = .agentBusy
        case VIR_ERR_RESOURCE_BUSY, VIR_ERR_BLOCK_COPY_ACTIVE: self = .resourceBusy
        case VIR_ERR_NO_CONNECT, VIR_ERR_INVALID_CONN, VIR_ERR_RPC: self = .disconnected
        case VIR_ERR_INTERNAL_ERROR, VIR_ERR_SYSTEM_ERROR:
            // A connection that broke in the middle of a call is told apart only by the part that raised it.
            let broken = origin == Int32(VIR_FROM_RPC.rawValue) || origin == Int32(VIR_FROM_REMOTE.rawValue)
            self = broken ? .disconnected : .other(number)
        default: self = .other(number)
        }
    }
}
