import Foundation
import Glibc

/// What can befall the daemons of a host.
extension Bed {
    /// Ends libvirtd without a chance to clean up; the guests run on.
    ///
    /// - Throws: ``BedError`` if it does not end.
    func killLibvirtd() throws(BedError) { try endLibvirtd(SIGKILL) }

    /// Ends libvirtd as systemd does; the guests run on.
    ///
    /// - Throws: ``BedError`` if it does not end.
    func stopLibvirtd() throws(BedError) { try endLibvirtd(SIGTERM) }

    private func endLibvirtd(_ number: Int32) throws(BedError) {
        guard let libvirtd else { throw .missing("libvirtd was not started") }
        libvirtd.signal(number)
        guard libvirtd.waitForEnd(20) else { throw .missing("libvirtd does not end") }
        self.libvirtd = nil
    }

    /// Stops libvirtd in its tracks, so that it neither answers nor ends, or lets it go on.
    ///
    /// - Parameter hangs: Whether it is to hang.
    func hangLibvirtd(_ hangs: Bool) { libvirtd?.signal(hangs ? SIGSTOP : SIGCONT) }

    /// Has the bed's own daemons run again that a scenario stopped, so that the next one can begin.
    ///
    /// - Throws: ``BedError`` if one does not come up.
    func mend() throws(BedError) {
        hangLibvirtd(false)
        if libvirtd == nil { try startLibvirtd() }
        if journald == nil { try startJournald() }
    }

    /// Takes the guests away that a scenario has left behind.
    ///
    /// - Parameter guests: Those that are to stay.
    /// - Throws: ``BedError`` if libvirt does not obey.
    func removeAll(but guests: [Guest]) throws(BedError) {
        let kept = Set(guests.map(\.uuid))
        for uuid in try virsh(["list", "--uuid"]).split(whereSeparator: \.isWhitespace)
        where !kept.contains(String(uuid)) {
            _ = try Shell.attempt(["virsh", "-q", "-c", uri, "destroy", String(uuid)])
        }
        forgetLast(self.guests.count - guests.count)
    }

    /// Starts journald, at first or after ``killJournald()``.
    ///
    /// - Throws: ``BedError`` if it does not listen.
    func startJournald() throws(BedError) {
        journald = try start(["/lib/systemd/systemd-journald"], log: "journald")
        try Wait.until("journald listens", limit: 20) { () throws(BedError) in
            Files.names(in: "/run/systemd/journal").contains("socket")
        }
    }

    /// Ends journald without a chance to clean up, and takes its sockets away.
    ///
    /// - Throws: ``BedError`` if it does not end.
    func killJournald() throws(BedError) {
        guard let journald else { throw .missing("journald was not started") }
        journald.signal(SIGKILL)
        guard journald.waitForEnd(5) else { throw .missing("journald does not end") }
        self.journald = nil
        for name in ["socket", "stdout", "dev-log"] { Files.removeTree("/run/systemd/journal/" + name) }
    }
}
