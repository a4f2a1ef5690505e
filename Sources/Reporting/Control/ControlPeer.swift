import Foundation
public import Glibc

/// The process at the other end of a control socket, as the kernel tells (`unix(7)`): nothing of it is the peer's own word.
public struct ControlPeer: Equatable, Sendable {
    /// Its effective user when it connected.
    public var user: uid_t
    /// Its effective group when it connected.
    public var group: gid_t
    /// Its supplementary groups when it connected.
    public var groups: [gid_t]
    /// Its process id, which another process may have by now.
    public var process: Int32

    /// A peer.
    public init(user: uid_t, group: gid_t, groups: [gid_t] = [], process: Int32 = 0) {
        self.user = user
        self.group = group
        self.groups = groups
        self.process = process
    }

    /// The most supplementary groups that a process has (`NGROUPS_MAX`, `limits.h(0p)`).
    private static let mostGroups = 65_536

    /// The peer of a connected socket; `nil` where the kernel does not tell.
    ///
    /// The corresponding C function is `getsockopt` with `SO_PEERCRED` and `SO_PEERGROUPS`.
    init?(of descriptor: Int32) {
        // A `struct ucred`: process, user and group, each of 32 bits; glibc hides it without _GNU_SOURCE.
        var credentials: (process: Int32, user: uid_t, group: gid_t) = (0, uid_t.max, gid_t.max)
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        // SAFETY: SO_PEERCRED writes at most the size given.
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else { return nil }
        self.init(user: credentials.user, group: credentials.group, process: credentials.process)
        var room = 32
        while room <= Self.mostGroups {
            var found = [gid_t](repeating: 0, count: room)
            var length = socklen_t(room * MemoryLayout<gid_t>.size)
            // SAFETY: SO_PEERGROUPS writes at most `length` bytes, which `found` has.
            let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, &found, &length)
            if result == 0 {
                groups = Array(found.prefix(Int(length) / MemoryLayout<gid_t>.size))
                return
            }
            guard errno == ERANGE else { return nil }
            room *= 4
        }
        return nil
    }

    /// Whether it is in a group.
    func isIn(_ wanted: gid_t) -> Bool { group == wanted || groups.contains(wanted) }

    /// What its user is called on this host; where that is root through `sudo` or the like, also who had logged in.
    ///
    /// The latter is the kernel's as well (`/proc/<pid>/loginuid`, `proc(5)`), and may be missing. It is read while the
    /// peer waits for its answer; one that does not wait may have left its id to another process.
    public var name: String {
        let user = Self.name(of: user)
        guard let login, login != self.user else { return user }
        return "\(Self.name(of: login)) as \(user)"
    }

    private var login: uid_t? {
        let path = "/proc/\(process)/loginuid"
        guard process > 0, let text = FileManager.default.contents(atPath: path) else { return nil }
        // All bits set: nobody logged in, as for a service.
        return uid_t(String(decoding: text, as: UTF8.self)).flatMap { $0 == uid_t.max ? nil : $0 }
    }

    /// What a user is called; their number where they have no name.
    static func name(of user: uid_t) -> String {
        var record = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        // SAFETY: getpwuid_r writes the record, and its strings into the buffer of the size given; the name is copied while
        // that is in place. A record too large for it has no name here.
        return unsafe buffer.withUnsafeMutableBufferPointer { strings in
            guard let room = strings.baseAddress,
                unsafe getpwuid_r(user, &record, room, strings.count, &found) == 0,
                let text = unsafe found?.pointee.pw_name
            else { return "user \(user)" }
            return unsafe String(cString: text)
        }
    }
}
