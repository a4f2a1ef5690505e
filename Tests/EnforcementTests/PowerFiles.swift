import Signals
import Synchronization

@testable import Enforcement

/// A disk in memory: what is not synced may be lost with the power.
struct PowerFiles: LedgerFiles {
    let world: World

    static let gone = LedgerError.io(call: "crash", path: "", code: 0)

    /// Counts the step, fails it where it is to fail, and does it as far as it gets.
    private func step<Value>(
        _ call: World.DiskCall,
        _ body: (inout World.State, World.Fate) throws(LedgerError) -> Value
    ) throws(LedgerError) -> Value {
        let fate = world.enter()
        if fate == .dead { throw Self.gone }
        let result: Result<Value, LedgerError> = world.state.withLock { state in
            var fault = state.diskFaults[call]
            if let lasting = state.diskFault, lasting.steps.contains(state.step) { fault = lasting.error }
            state.diskSteps.insert(state.step)
            if call == .write || call == .synchronize { state.log.append("\(call)") }
            if let fault {
                // A full disk still has room for a part.
                if call == .write { _ = try? body(&state, .dieHalf) }
                if call == .synchronize { state.dropUnsynced() }
                return .failure(fault)
            }
            do throws(LedgerError) { return .success(try body(&state, fate)) } catch { return .failure(error) }
        }
        switch fate {
        case .live: return try result.get()
        case .dieHalf, .dieAfter, .dead: throw Self.gone
        }
    }

    func makeDirectory(_ path: String) throws(LedgerError) { try step(.makeDirectory) { _, _ in } }

    func openDirectory(_ path: String) throws(LedgerError) -> Int32 {
        try step(.openDirectory) { state, _ in state.open(0) }
    }

    func open(_ name: String, in directory: Int32, _ opening: LedgerOpening) throws(LedgerError) -> Int32? {
        try step(.open) { state, fate in
            if fate == .dieHalf { return nil }
            if let id = state.names[name] {
                if opening == .fresh {
                    state.inodes[id]?.cached = []
                    state.inodes[id]?.dropped = []
                }
                return state.open(id)
            }
            if opening == .existing { return nil }
            let id = state.inodes.count + 1
            state.inodes[id] = World.Inode()
            state.names[name] = id
            return state.open(id)
        }
    }

    func lock(_ file: Int32) throws(LedgerError) -> Bool {
        try step(.lock) { state, _ in
            guard let id = state.files[file] else { return false }
            if let holder = state.locks[id], holder != file { return false }
            state.locks[id] = file
            return true
        }
    }

    func read(_ file: Int32, limit: Int) throws(LedgerError) -> [UInt8]? {
        try step(.read) { state, _ in
            let bytes = state.files[file].flatMap { state.inodes[$0]?.cached } ?? []
            return bytes.count > limit ? nil : bytes
        }
    }

    func write(_ bytes: ArraySlice<UInt8>, to file: Int32, at offset: Int) throws(LedgerError) -> Int {
        try step(.write) { state, fate in
            guard let id = state.files[file] else { return 0 }
            let isShort = fate == .dieHalf || state.shortWrites && bytes.count > 1
            let part = isShort ? bytes.prefix(bytes.count / 2) : bytes
            let end = max(offset, min(offset + part.count, state.size(id)))
            state.inodes[id]?.cached.replaceSubrange(offset..<end, with: part)
            return part.count
        }
    }

    func synchronize(_ file: Int32) throws(LedgerError) {
        try step(.synchronize) { state, fate in
            guard fate != .dieHalf, let id = state.files[file] else { return }
            if id == 0 {
                state.durableNames = state.names
            } else {
                state.bringToDisk(id)
            }
        }
    }

    func rename(_ name: String, to other: String, in directory: Int32) throws(LedgerError) {
        try step(.rename) { state, fate in
            guard fate != .dieHalf else { return }
            state.names[other] = state.names.removeValue(forKey: name)
        }
    }

    func close(_ file: Int32) {
        world.state.withLock { state in
            guard let id = state.files.removeValue(forKey: file) else { return }
            if state.locks[id] == file { state.locks[id] = nil }
        }
    }
}

extension World.State {
    fileprivate mutating func open(_ id: Int) -> Int32 {
        nextFile += 1
        files[nextFile] = id
        return nextFile
    }

    /// A sync fails: what was not on disk is marked clean all the same.
    fileprivate mutating func dropUnsynced() {
        for id in Array(inodes.keys) {
            guard let inode = inodes[id], inode.cached.count > inode.durable.count else { continue }
            inodes[id]?.dropped.append(inode.durable.count..<inode.cached.count)
        }
    }

    /// A sync succeeds for all but what an earlier one dropped.
    fileprivate mutating func bringToDisk(_ id: Int) {
        guard var inode = inodes[id] else { return }
        inode.durable = inode.cached
        for range in inode.dropped {
            for index in range where index < inode.durable.count { inode.durable[index] = 0 }
        }
        inodes[id] = inode
    }

    fileprivate func size(_ id: Int) -> Int { inodes[id]?.cached.count ?? 0 }
}
