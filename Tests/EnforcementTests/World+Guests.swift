import Signals

@testable import Enforcement

extension World {
    /// A VM that runs.
    struct Guest: Sendable {
        var parts: VMParts
        var settings: [Knob: Setting]
        var mark: String?
    }

    /// Where a setting is: a knob of a VM, or of a GPU of the host.
    struct Place: Hashable, Sendable, CustomStringConvertible {
        /// The VM; `nil` for a GPU.
        var vm: VMIdentity?
        var knob: Knob

        init(_ vm: VMIdentity, _ knob: Knob) {
            self.vm = knob.isOfHost ? nil : vm
            self.knob = knob
        }

        var description: String { vm.map { "\(knob) of vm-\($0.uuid.low)" } ?? "\(knob)" }
    }

    /// A VM appears; what it is set to is rightful.
    func add(_ vm: VMIdentity, _ guest: Guest) {
        edit { state in
            state.guests[vm] = guest
            for (knob, setting) in guest.settings {
                state.rightful[Place(vm, knob)] = [setting]
                if knob.isOfHost { state.devices[knob] = setting }
            }
        }
    }

    /// A VM of two vCPUs appears with a limit of its quota, and nothing else of it is limited.
    func add(_ vm: VMIdentity, _ quota: VCPUQuota) { add(vm, .plain(quota)) }

    /// A person sets something.
    func person(_ vm: VMIdentity, _ knob: Knob, _ setting: Setting) { edit { $0.person(vm, knob, setting) } }

    /// A person sets a limit of the quota.
    func person(_ vm: VMIdentity, _ quota: VCPUQuota) { person(vm, .vcpuQuota, .quota(quota)) }

    /// systemd or libvirt puts back what is rightful.
    func reset(_ vm: VMIdentity, _ knob: Knob = .vcpuQuota) { edit { $0.reset(vm, knob) } }

    /// systemd or libvirt puts back a setting; nobody's wish is in it.
    func reset(_ vm: VMIdentity, _ knob: Knob = .vcpuQuota, to setting: Setting) {
        edit { $0.put(vm, knob, setting) }
    }

    /// What a knob is set to; `nil` where it is gone.
    func setting(_ vm: VMIdentity, _ knob: Knob) -> Setting? { edit { $0.setting(vm, knob) } }

    /// The limit of a VM's quota; `nil` where it is gone.
    func quota(_ vm: VMIdentity) -> VCPUQuota? {
        guard case .quota(let quota) = setting(vm, .vcpuQuota) else { return nil }
        return quota
    }

    /// The mark of a VM; `nil` where it has none or is gone.
    func mark(_ vm: VMIdentity) -> String? { edit { $0.guests[vm]?.mark } }

    /// Moves time on; late changes happen.
    func move(to now: MonotonicTime) { edit { $0.move(to: now) } }

    /// A VM leaves: it ends, or it migrates and takes what it is set to and its mark along.
    @discardableResult
    func depart(_ vm: VMIdentity) -> Guest? { edit { $0.guests.removeValue(forKey: vm) } }

    /// A VM is started again: it is another to every lease, has its own settings, and no mark.
    func restart(_ vm: VMIdentity) { edit { $0.restart(vm) } }

    /// Takes a disk, an interface or a GPU off a running VM.
    func unplug(_ vm: VMIdentity, _ part: String) { edit { $0.unplug(vm, part) } }

    /// What is not as it may be in the end: settings that are nobody's wish, and marks that are left.
    func wrongs() -> [String] {
        edit { state in
            var wrongs = state.mistakes
            for (place, rightful) in state.rightful {
                guard let found = place.vm.map({ state.guests[$0]?.settings[place.knob] }) ?? state.devices[place.knob]
                else { continue }
                if !rightful.contains(where: found.means) { wrongs.append("\(place): \(found) of \(rightful)") }
            }
            for (vm, guest) in state.guests where guest.mark != nil {
                wrongs.append("mark of vm-\(vm.uuid.low): \(guest.mark ?? "")")
            }
            return wrongs.sorted()
        }
    }
}

extension World.State {
    /// What a knob is set to.
    func setting(_ vm: VMIdentity, _ knob: Knob) -> Setting? {
        knob.isOfHost ? devices[knob] : guests[vm]?.settings[knob]
    }

    /// A knob changes, whoever did it; nothing where it is gone.
    mutating func put(_ vm: VMIdentity, _ knob: Knob, _ setting: Setting) {
        if knob.isOfHost {
            if devices[knob] != nil { devices[knob] = setting }
        } else if guests[vm]?.settings[knob] != nil {
            guests[vm]?.settings[knob] = setting
        }
    }

    /// A person sets something: from now on it is rightful.
    mutating func person(_ vm: VMIdentity, _ knob: Knob, _ setting: Setting) {
        guard self.setting(vm, knob) != nil else { return }
        put(vm, knob, setting)
        let place = World.Place(vm, knob)
        // Until the enforcer has looked, it may overwrite it in good faith and give back the one before.
        rightful[place] =
            (unseen.contains(place) ? rightful[place] ?? [] : rightful[place].map { $0.suffix(1) } ?? []) + [setting]
        unseen.insert(place)
    }

    /// systemd or libvirt puts back what is rightful.
    mutating func reset(_ vm: VMIdentity, _ knob: Knob) {
        let place = World.Place(vm, knob)
        if !unseen.contains(place), let rightful = rightful[place]?.last { put(vm, knob, rightful) }
    }

    /// libvirt or systemd forgets a limit: none may be what is there in the end.
    mutating func forget(_ vm: VMIdentity, _ knob: Knob, _ none: Setting) {
        let place = World.Place(vm, knob)
        guard !unseen.contains(place), setting(vm, knob) != nil else { return }
        put(vm, knob, none)
        rightful[place] = [none] + (rightful[place] ?? [])
    }

    /// The enforcer has looked.
    mutating func seen(_ vm: VMIdentity, _ knob: Knob) {
        let place = World.Place(vm, knob)
        guard unseen.remove(place) != nil, let now = setting(vm, knob) else { return }
        rightful[place] = [now]
    }

    /// The enforcer sets something.
    mutating func set(_ vm: VMIdentity, _ knob: Knob, _ setting: Setting) {
        guard let found = self.setting(vm, knob) else { return }
        if found.kind != setting.kind { mistakes.append("\(knob) set to \(setting)") }
        sets.append(setting)
        log.append("set \(knob)")
        unseen.remove(World.Place(vm, knob))
        if slowBalloons, case .balloon(let old) = found, case .balloon(let new) = setting {
            put(vm, knob, .balloon((old + new) / 2))
            late.append(World.LateChange(vm: vm, what: .setting(knob, setting), at: now))
        } else {
            put(vm, knob, setting)
        }
    }

    /// The enforcer sets the mark.
    mutating func set(_ vm: VMIdentity, mark: String?) {
        guard guests[vm] != nil else { return }
        markSets += 1
        log.append("mark")
        guests[vm]?.mark = mark
    }

    /// A VM is started again, with what was rightful before.
    mutating func restart(_ vm: VMIdentity) {
        guard var guest = guests.removeValue(forKey: vm) else { return }
        let next = VMIdentity(uuid: vm.uuid, generation: vm.generation + 1)
        guest.mark = nil
        for knob in guest.settings.keys where !knob.isOfHost {
            if let setting = rightful[World.Place(vm, knob)]?.last { guest.settings[knob] = setting }
            rightful[World.Place(next, knob)] = guest.settings[knob].map { [$0] }
        }
        guests[next] = guest
    }

    /// Takes a part off a VM.
    mutating func unplug(_ vm: VMIdentity, _ part: String) {
        guard var guest = guests[vm] else { return }
        guest.parts.disks.removeAll { $0 == part }
        guest.parts.interfaces.removeAll { $0.device == part }
        guest.parts.gpus.removeAll { $0.address == part }
        for knob in guest.settings.keys where knob.part == part {
            guest.settings[knob] = nil
            devices[knob] = nil
        }
        guests[vm] = guest
    }

    /// Moves time on; late changes happen, over whatever a person did meanwhile.
    mutating func move(to now: MonotonicTime) {
        self.now = max(self.now, now)
        for change in late where change.at <= self.now {
            switch change.what {
            case .setting(let knob, let setting):
                put(change.vm, knob, setting)
                unseen.remove(World.Place(change.vm, knob))
            case .mark(let text):
                if guests[change.vm] != nil { guests[change.vm]?.mark = text }
            }
        }
        late.removeAll { $0.at <= self.now }
    }
}

extension Knob {
    /// Whether it is of a whole GPU and outlasts the VM.
    var isOfHost: Bool {
        switch self {
        case .gpuPower, .gpuClocks, .gpuSchedule: true
        default: false
        }
    }

    /// Which disk, interface or GPU it is of.
    var part: String? {
        switch self {
        case .disk(let part), .receive(let part), .transmit(let part), .link(let part), .filter(let part),
            .gpuPower(let part), .gpuClocks(let part), .gpuSchedule(let part):
            part
        default: nil
        }
    }
}

extension Setting {
    /// The kind of setting in a word.
    var kind: String {
        switch self {
        case .quota: "quota"
        case .shares: "shares"
        case .disk: "disk"
        case .bandwidth: "bandwidth"
        case .memory: "memory"
        case .balloon: "balloon"
        case .pins: "pins"
        case .link: "link"
        case .filter: "filter"
        case .power: "power"
        case .cacheGroup: "cacheGroup"
        case .milliwatts: "milliwatts"
        case .clocks: "clocks"
        case .schedule: "schedule"
        }
    }
}
