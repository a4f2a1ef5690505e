import Glibc
import Systemd

/// Who may ask what at the control socket.
///
/// The file's mode says the same, and is not relied on: a person may loosen it.
struct ControlAccess: Equatable, Sendable {
    /// The daemon's own user, who may ask all that root may.
    var owner: uid_t
    /// The group whose members may ask what changes nothing.
    var group: gid_t

    /// Whether a peer may ask everything: root or the daemon's own user.
    func isPrivileged(_ peer: ControlPeer) -> Bool { peer.user == 0 || peer.user == owner }

    /// Why a peer may ask nothing at all; `nil` where it may.
    func refusal(of peer: ControlPeer) -> ControlProblem? {
        guard !isPrivileged(peer), !peer.isIn(group) else { return nil }
        let name = Self.name(of: group).map { "'\(PlainText.name($0))'" } ?? "\(group)"
        return ControlProblem(error: "only root and members of the group \(name) may ask")
    }

    /// Why a peer may not ask this; `nil` where it may.
    func refusal(of peer: ControlPeer, asking kind: ControlRequest.Kind) -> ControlProblem? {
        guard kind.changes, !isPrivileged(peer) else { return refusal(of: peer) }
        return ControlProblem(error: "'\(kind.rawValue)' is for root alone")
    }

    /// What a group is called; `nil` where it has no name.
    private static func name(of group: gid_t) -> String? {
        var record = unsafe Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        // SAFETY: getgrgid_r writes the record, and its strings into the buffer of the size given; the name is copied while
        // that is in place. A group too large for it has no name here.
        return unsafe buffer.withUnsafeMutableBufferPointer { strings in
            guard let room = strings.baseAddress,
                unsafe getgrgid_r(group, &record, room, strings.count, &found) == 0,
                let text = unsafe found?.pointee.gr_name
            else { return nil }
            return unsafe String(cString: text)
        }
    }
}
