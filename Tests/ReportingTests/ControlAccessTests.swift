import Foundation
import Glibc
@testable import Reporting
import Testing

@Suite("Who may ask what at the control socket")
struct ControlAccessTests {
    private let access = ControlAccess(owner: 990, group: 991)

    @Test("Root and the daemon's own user may ask everything", arguments: [0, 990] as [uid_t])
    func privileged(user: uid_t) {
        let peer = ControlPeer(user: user, group: 5)
        for kind in ControlRequest.Kind.allCases { #expect(access.refusal(of: peer, asking: kind) == nil) }
    }

    @Test("A member of the group, by its first or another group, may ask what changes nothing")
    func members() {
        for peer in [ControlPeer(user: 1_000, group: 991), ControlPeer(user: 1_000, group: 5, groups: [4, 991])] {
            #expect(access.refusal(of: peer) == nil)
            for kind in ControlRequest.Kind.allCases {
                let refusal = access.refusal(of: peer, asking: kind)?.error
                #expect(refusal == (kind.changes ? "'\(kind.rawValue)' is for root alone" : nil))
            }
        }
    }

    @Test("Anybody else is refused with a reason, whatever the file's mode lets through, even the neighbouring ids")
    func strangers() {
        for peer in [
            ControlPeer(user: 1_000, group: 990, groups: [992, 0]), ControlPeer(user: 991, group: 1),
            ControlPeer(user: .max, group: .max),
        ] {
            #expect(access.refusal(of: peer)?.error == "only root and members of the group 991 may ask")
            for kind in ControlRequest.Kind.allCases { #expect(access.refusal(of: peer, asking: kind) != nil) }
        }
    }

    @Test("The refusal names the group where it has a name")
    func names() {
        let refusal = ControlAccess(owner: 990, group: 0).refusal(of: ControlPeer(user: 1_000, group: 5))
        #expect(refusal?.error == "only root and members of the group 'root' may ask")
    }

    @Test("The kernel tells who is at the other end, with all of their groups")
    func kernel() throws {
        let pair = try SocketPair()
        let descriptor = pair.near.descriptor
        let peer = try #require(ControlPeer(of: descriptor))
        #expect(peer.user == geteuid() && peer.group == getegid() && peer.process == getpid())
        let count = getgroups(0, nil)
        #expect(peer.groups.count == Int(count))
        #expect(ControlPeer(of: -1) == nil)
    }

    @Test("A user is called by their name, and by their number where they have none")
    func called() {
        #expect(ControlPeer.name(of: 0) == "root")
        #expect(ControlPeer.name(of: 3_999_999_999) == "user 3999999999")
        #expect(ControlPeer(user: 0, group: 0).name == "root")
    }
}
