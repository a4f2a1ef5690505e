import Libvirt
import Signals
import Testing

@testable import QuellRuntime

@Suite("What speaks against overwriting a volume")
struct WipeGuardTests {
    private let mine = VMUUID(high: 0, low: 1)
    private let theirs = VMUUID(high: 0, low: 2)

    private func volume(_ name: String, format: String = "raw", backing: String? = nil, _ backingFormat: String? = nil)
        -> StorageVolume
    {
        StorageVolume(
            pool: "p",
            name: name,
            path: "/img/" + name,
            format: format,
            backing: backing,
            backingFormat: backingFormat
        )
    }

    private func domain(_ uuid: VMUUID, _ name: String, _ change: (inout DomainStorage) -> Void) -> DomainStorage {
        var domain = DomainStorage(uuid: uuid, name: name)
        change(&domain)
        return domain
    }

    private func objection(
        _ volumes: [StorageVolume],
        _ domains: [DomainStorage] = [],
        unread: [String] = [],
        identity: @escaping (String) -> String = { $0 },
        listing change: (inout StorageListing) -> Void = { _ in }
    ) -> String? {
        var storage = StorageListing()
        storage.volumes = volumes
        change(&storage)
        let own = domain(mine, "web") { $0.paths = ["/img/web.raw"] }
        return WipeGuard(
            storage: storage,
            domains: [own] + domains,
            unread: unread,
            subject: mine,
            identity: identity
        ).objection(to: "/img/web.raw")
    }

    @Test("Nothing, where the VM alone has it and every other image is accounted for")
    func none() {
        let volumes = [
            volume("web.raw"), volume("base.qcow2", format: "qcow2"),
            volume("db.qcow2", format: "qcow2", backing: "/img/base.qcow2", "qcow2"),
            volume("x.qcow2", format: "qcow2", backing: "/elsewhere/base.raw", "raw"),
        ]
        let other = domain(theirs, "db") {
            $0.paths = ["/img/db.qcow2", "/usr/bin/qemu-system-x86_64"]
            $0.open = [.path("/img/db.qcow2"), .volume(DomainStorage.Named(pool: "p", volume: "base.qcow2"))]
            $0.directories = ["/srv/web"]
        }
        #expect(objection(volumes, [other]) == nil)
    }

    @Test("Another VM has it: by its path, by another path of the same file, by its pool, below a directory it reaches")
    func shared() {
        let volumes = [volume("web.raw")]
        let told = "the VM db has it, too"
        #expect(objection(volumes, [domain(theirs, "db") { $0.paths = ["/img/web.raw"] }]) == told)
        let named = DomainStorage.Named(pool: "p", volume: "web.raw")
        #expect(objection(volumes, [domain(theirs, "db") { $0.volumes = [named] }]) == told)
        #expect(objection(volumes, [domain(theirs, "db") { $0.directories = ["/img"] }]) == told)
        #expect(objection(volumes, [domain(theirs, "db") { $0.directories = ["/im"] }]) == nil)
        let link = domain(theirs, "db") { $0.paths = ["/link"] }
        #expect(objection(volumes, [link]) == nil)
        #expect(objection(volumes, [link], identity: { $0 == "/link" ? "/img/web.raw" : $0 }) == told)
    }

    @Test("Something is made from it: a volume of any pool, also through others, or another disk of the VM")
    func base() {
        let overlay = volume("db.qcow2", format: "qcow2", backing: "/img/web.raw", "raw")
        #expect(objection([volume("web.raw"), overlay]) == "the volume db.qcow2 of the pool p is made from it")
        let second = volume("db2.qcow2", format: "qcow2", backing: "/img/db.qcow2", "qcow2")
        #expect(objection([volume("web.raw"), second, overlay])?.hasSuffix("made from it") == true)
        var storage = StorageListing()
        storage.volumes = [volume("web.raw")]
        let own = domain(mine, "web") { $0.bases = ["/img/web.raw"] }
        let judge = WipeGuard(storage: storage, domains: [own], subject: mine, identity: { $0 })
        #expect(judge.objection(to: "/img/web.raw") == "another disk of this VM is made from it")
    }

    @Test("What cannot be known: an image outside of all pools, a base that is, a pool that is off, a VM unread")
    func unknown() {
        let volumes = [volume("web.raw")]
        let open = domain(theirs, "db") { $0.open = [.path("/else/db.qcow2")] }
        #expect(
            objection(volumes, [open])
                == "what \"/else/db.qcow2\" of the VM db is made from is not known: it is in no active storage pool"
        )
        let lost = domain(theirs, "db") { $0.open = [.volume(DomainStorage.Named(pool: "q", volume: "v"))] }
        #expect(objection(volumes, [lost])?.hasPrefix("what \"q/v\" of the VM db is made from is not known") == true)
        let copy = domain(theirs, "db") { $0.open = [.other("a copy")] }
        #expect(objection(volumes, [copy])?.contains("\"a copy\"") == true)
        let outside = volume("x.qcow2", format: "qcow2", backing: "/else/base.qcow2", "qcow2")
        #expect(objection(volumes + [outside])?.hasPrefix("what \"/else/base.qcow2\" is made from") == true)
        let remote = volume("x.qcow2", format: "qcow2", backing: "nbd://host/x", "raw")
        #expect(objection(volumes + [remote])?.hasPrefix("what \"nbd://host/x\" is made from") == true)
        #expect(
            objection(volumes, listing: { $0.inactive = ["old pool"] })
                == "the pool \"old pool\" is not active, and a volume in it may be made from this one: virsh pool-start "
                + "'old pool'"
        )
        let failed = objection(volumes, listing: { $0.failures = ["pool p: x"] })
        #expect(failed == "who else has it cannot be told: pool p: x")
        #expect(objection(volumes, unread: ["y"]) == "who else has it cannot be told: y")
        #expect(objection([]) == "no storage pool of libvirt's has it")
    }

    @Test("What the volume itself is made from is no matter: only it is overwritten")
    func itself() {
        let overlay = volume("web.raw", backing: "/else/base")
        #expect(objection([overlay]) == nil)
        var storage = StorageListing()
        storage.volumes = [overlay]
        let own = domain(mine, "web") { $0.open = [.path("/img/web.raw")] }
        let judge = WipeGuard(storage: storage, domains: [own], subject: mine, identity: { $0 })
        #expect(judge.objection(to: "/img/web.raw") == nil)
    }
}
