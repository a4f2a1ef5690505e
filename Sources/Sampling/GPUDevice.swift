internal import HostReaders
internal import Signals

/// One GPU that NVML sees, with its counters; outlives a library that is closed and opened again.
final class GPUDevice {
    /// The vGPUs on it.
    let shares = GPUShares()
    /// What was read of the whole GPU in this turn.
    private(set) var readings = GPUReadings(all: .missing)

    private var ecc = Counter()
    private var xid = Counter()
    private var hasAnswered = false
    /// A failure after which NVML must be opened anew, whatever else was answered.
    private var loss: NVMLError?
    /// A failure that may be of one call only.
    private var doubt: NVMLError?

    /// Why NVML must be opened anew to read this GPU; `nil` where it need not.
    ///
    /// The GPU was lost, or of all calls not one was answered, as with the handle of a GPU that was removed.
    var failure: NVMLError? { loss ?? (hasAnswered ? nil : doubt) }

    /// Begins a turn in which the GPU cannot be asked.
    func begin(failing failure: NVMLError) {
        readings = GPUReadings(all: Reading(failure))
        shares.begin(failing: failure)
        loss = failure
    }

    /// Begins a turn: lists the vGPUs.
    func begin(_ device: NVMLDevice, in session: GPUSession) {
        loss = nil
        doubt = nil
        hasAnswered = false
        if let failure = shares.list(device, in: session) {
            note(failure)
        } else {
            hasAnswered = true
        }
    }

    /// Starts counting anew what was not recorded while NVML was closed.
    func reopen() {
        xid.forget()
        shares.reopen()
    }

    /// Reads everything of the GPU that a VM can be told.
    ///
    /// - Parameters:
    ///   - device: The GPU.
    ///   - session: NVML.
    ///   - isSole: Whether one VM has it to itself; else only what the vGPUs need is read.
    ///   - events: Why Xid errors cannot be told; `nil` where they can.
    ///   - withPCIe: Whether to wait for its traffic.
    ///   - time: The present.
    func read(
        _ device: NVMLDevice,
        in session: GPUSession,
        isSole: Bool,
        events: NVMLError?,
        withPCIe: Bool,
        at time: MonotonicTime
    ) {
        readings = GPUReadings(all: nil)
        do {
            let shares = try session.nvml.utilization(of: device)
            hasAnswered = true
            readings.smUtil = Reading(shares.sm)
            readings.bandwidthUtil = Reading(shares.memory)
        } catch {
            readings.smUtil = reading(for: error)
            readings.bandwidthUtil = readings.smUtil
        }
        readings.ecc = tell { () throws(NVMLError) in
            let errors = try session.nvml.uncorrectedErrors(of: device)
            return ecc.rate(of: errors, at: time)
        }
        let rate = xid.rate(of: shares.xids, at: time)
        readings.xid = device.hasEvents ? events.map { Reading($0) } ?? rate : .notObservable
        shares.read(device, in: session, whole: readings, events: events, at: time)
        if isSole { readLevels(device, session, withPCIe) }
        guard let failure else { return }
        // What a GPU that is gone still answers, such as that it reported no error, says nothing.
        readings = GPUReadings(all: Reading(failure))
        shares.begin(failing: failure)
    }

    /// Reads what is told only of a GPU that one VM has to itself.
    private func readLevels(_ device: NVMLDevice, _ session: GPUSession, _ withPCIe: Bool) {
        readings.memUsed = tell { () throws(NVMLError) in
            Reading(Double(try session.nvml.memoryUsed(of: device)))
        }
        readings.power = tell { () throws(NVMLError) in Reading(Double(try session.nvml.power(of: device)) / 1_000) }
        readings.throttleReasons = tell { () throws(NVMLError) in
            Reading(Double(try session.nvml.throttleReasons(of: device)))
        }
        guard withPCIe else { return }
        do {
            let rates = try session.nvml.pcieThroughput(of: device)
            hasAnswered = true
            readings.pcieRx = Reading(rates.rx)
            readings.pcieTx = Reading(rates.tx)
        } catch {
            readings.pcieRx = reading(for: error)
            readings.pcieTx = readings.pcieRx
        }
    }

    /// Makes one reading, or says why there is none.
    private func tell(_ body: () throws(NVMLError) -> Reading) -> Reading {
        do {
            let reading = try body()
            hasAnswered = true
            return reading
        } catch {
            return reading(for: error)
        }
    }

    /// What is said where a call failed.
    private func reading(for error: NVMLError) -> Reading {
        note(error)
        return Reading(error)
    }

    /// Notes a failure that may mean that the GPU is gone.
    private func note(_ error: NVMLError) {
        switch error.code {
        case .lost, .driverNotLoaded: loss = error
        case .invalidArgument, .notFound, .other: doubt = error
        case .noLibrary, .noFunction, .notSupported, .noPermission, .versionMismatch, .timeout, .malformed: break
        }
    }
}
