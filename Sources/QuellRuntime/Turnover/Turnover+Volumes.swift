import HostReaders
import Libvirt
import Signals
import Systemd

/// Volumes of a VM that is gone: which there are, and overwriting them.
extension Turnover {
    /// The longest that libvirt may take to look anew into its storage pools.
    private static let refreshPatience = Duration.seconds(300)
    /// The longest that overwriting one volume may take.
    private static let wipePatience = Duration.seconds(86_400)

    /// Adds the volumes that libvirt lists for the VM to a look: its disks where it is still defined, else those that
    /// go by its name or its UUID and that no other VM has.
    func lookAtVolumes(_ look: inout TurnoverLook, _ connection: LibvirtConnection) async {
        let storage: StorageListing
        do {
            storage = try await connection.storage(refreshing: false)
        } catch {
            return look.miss("volume", "the storage pools cannot be listed: \(error)")
        }
        let subject = look.subject
        if let definition = subject.definition {
            look.volumes = definition.disks.compactMap { disk in
                disk.source.map {
                    TurnoverReport.Volume(target: disk.target, source: Self.path($0, subject.places, storage))
                }
            }
            return
        }
        for failure in storage.failures { look.miss("volume", failure) }
        for pool in storage.inactive { look.miss("volume", "the pool \(pool) is not active") }
        let mine = storage.volumes.filter { subject.isVolume($0) }
        guard !mine.isEmpty else { return }
        let guardian: WipeGuard
        do {
            guardian = try await wipeGuard(storage, subject, connection)
        } catch {
            return look.miss("volume", "who has \(mine[0].path) cannot be told: \(error)")
        }
        if let unread = guardian.unread.first {
            return look.miss("volume", "who has \(mine[0].path) cannot be told: \(unread)")
        }
        for volume in mine where guardian.holder(of: volume.path) == nil {
            look.leave(
                "volume",
                volume.path,
                remedy: "virsh vol-delete --pool \(AuditJudge.quoted(volume.pool)) \(AuditJudge.quoted(volume.name))"
            )
            look.volumes.append(TurnoverReport.Volume(target: volume.pool + "/" + volume.name, source: volume.path))
        }
    }

    /// Overwrites volumes of a VM that nobody else has, and that nothing is made from: all that were asked for, or none.
    ///
    /// - Parameters:
    ///   - volumes: The volumes, by path; empty for all that the report lists.
    ///   - report: What was found; takes what came of it.
    ///   - subject: The VM.
    ///   - connection: The hypervisor.
    /// - Throws: ``Refusal`` where nothing was overwritten.
    func wipe(
        _ volumes: [String],
        in report: inout TurnoverReport,
        of subject: TurnoverSubject,
        _ connection: LibvirtConnection
    ) async throws(Refusal) {
        let listed = report.volumes.map(\.source)
        for volume in volumes where !listed.contains(volume) {
            throw Refusal(description: "\(PlainText.name(volume)) is no volume of this VM: nothing was wiped")
        }
        let wanted = volumes.isEmpty ? listed : volumes
        guard !wanted.isEmpty else {
            throw Refusal(description: "libvirt lists no volume of this VM: nothing was wiped")
        }
        let guardian: WipeGuard
        do {
            let storage = try await connection.storage(refreshing: true, within: Self.refreshPatience)
            guardian = try await wipeGuard(storage, subject, connection)
        } catch {
            throw Refusal(description: "who else has the volumes cannot be told, nothing was wiped: \(error)")
        }
        for volume in wanted {
            if let objection = guardian.objection(to: volume) {
                throw Refusal(description: "\(PlainText.name(volume)) is not wiped, nor any other: \(objection)")
            }
        }
        for index in report.volumes.indices where wanted.contains(report.volumes[index].source) {
            report.volumes[index].wiped = await outcome(of: report.volumes[index].source, subject, connection)
        }
    }

    /// Overwrites one volume, unless its VM was started meanwhile.
    private func outcome(
        of volume: String,
        _ subject: TurnoverSubject,
        _ connection: LibvirtConnection
    ) async -> String {
        do throws(LibvirtError) {
            if let uuid = subject.uuid, try await runs(uuid, connection) { return "not wiped: the VM runs again" }
            try await connection.wipe(volume, within: Self.wipePatience)
            return "wiped"
        } catch {
            return "not wiped: \(PlainText.line(error.description, limit: 300))"
        }
    }

    private func runs(_ uuid: VMUUID, _ connection: LibvirtConnection) async throws(LibvirtError) -> Bool {
        do throws(LibvirtError) {
            let power = try await connection.state(uuid).power
            return power != .shutOff && power != .crashed
        } catch {
            if error.code == .noDomain { return false }
            throw error
        }
    }

    /// What every VM that libvirt knows names as places of data.
    private func wipeGuard(
        _ storage: StorageListing,
        _ subject: TurnoverSubject,
        _ connection: LibvirtConnection
    ) async throws(LibvirtError) -> WipeGuard {
        var domains: [DomainStorage] = []
        var unread: [String] = []
        for uuid in try await connection.allDomains() {
            do throws(LibvirtError) {
                domains.append(try await connection.places(of: uuid))
            } catch {
                switch error.code {
                case .noDomain: continue
                case .disconnected, .cancelled: throw error
                case .operationInvalid, .denied, .unsupported, .invalidArgument, .timedOut, .agentBusy, .resourceBusy,
                    .malformed, .deadline, .busy, .circuitOpen, .other:
                    unread.append("the VM \(uuid): \(error)")
                }
            }
        }
        return WipeGuard(
            storage: storage,
            domains: domains,
            unread: unread,
            subject: subject.uuid,
            identity: HostDirectory.identity
        )
    }

    /// The path of a disk's source: of a volume that is named by its pool, as far as libvirt lists it.
    private static func path(_ source: String, _ places: DomainStorage?, _ storage: StorageListing) -> String {
        guard !source.hasPrefix("/"), let named = places?.volumes.first(where: { $0.volume == source }) else {
            return source
        }
        return storage.volumes.first { $0.pool == named.pool && $0.name == named.volume }?.path ?? source
    }
}
