import Glibc

extension UnixSocket {
    /// Milliseconds of a clock that does not go back (`CLOCK_MONOTONIC`).
    static var milliseconds: Double {
        var time = timespec()
        // SAFETY: clock_gettime writes the record.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1e6
    }

    /// Bytes until a newline or the end.
    ///
    /// - Parameters:
    ///   - limit: The most bytes of the line.
    ///   - time: Milliseconds that the whole of it may take.
    ///   - clock: Milliseconds of a clock that does not go back.
    /// - Returns: The line; `nil` where it is longer, takes longer or cannot be read.
    func readLine(limit: Int, within time: Int, clock: () -> Double = { milliseconds }) -> [UInt8]? {
        let end = clock() + Double(time)
        var line: [UInt8] = []
        while line.count <= limit {
            guard let chunk = read(until: end, clock) else { return nil }
            if chunk.isEmpty { return line }
            if let newline = chunk.firstIndex(of: UInt8(ascii: "\n")) {
                line.append(contentsOf: chunk[..<newline])
                return line.count <= limit ? line : nil
            }
            line.append(contentsOf: chunk)
        }
        return nil
    }

    /// Ends what is sent, and takes whatever the peer still sends, so that closing does not reset the connection.
    ///
    /// - Parameter time: Milliseconds to wait for the peer's end.
    func drain(within time: Int) {
        shutdown(descriptor, Int32(SHUT_WR))
        let end = Self.milliseconds + Double(time)
        var left = 1 << 20
        while left > 0, let chunk = read(until: end, { Self.milliseconds }), !chunk.isEmpty { left -= chunk.count }
    }

    /// Writes all bytes, each part within the limit of ``limitWaiting(milliseconds:)``.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: `false` where the peer went away or does not read.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = send(bytes, from: sent, Int32(MSG_NOSIGNAL))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Writes all bytes.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - time: Milliseconds that the whole of it may take.
    /// - Returns: `false` where the peer went away or does not read in time.
    @discardableResult
    func write(_ bytes: [UInt8], within time: Int) -> Bool {
        let end = Self.milliseconds + Double(time)
        var sent = 0
        while sent < bytes.count {
            let count = send(bytes, from: sent, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            if count > 0 {
                sent += count
            } else if count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) {
                guard waits(for: POLLOUT, until: end, { Self.milliseconds }) else { return false }
            } else if count == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }

    private func send(_ bytes: [UInt8], from sent: Int, _ flags: Int32) -> Int {
        // SAFETY: the range sent..<count lies within `bytes`.
        unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress.map { unsafe $0 + sent }, bytes.count - sent, flags)
        }
    }

    /// Bytes as they come; empty at the end, `nil` where none come in time or the read fails.
    private func read(until end: Double, _ clock: () -> Double) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while waits(for: POLLIN, until: end, clock) {
            let room = chunk.count
            // SAFETY: at most `room` bytes are written into `chunk`.
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, room, Int32(MSG_DONTWAIT))
            }
            if count >= 0 { return Array(chunk[..<count]) }
            guard errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK else { return nil }
        }
        return nil
    }

    /// Whether bytes can be received or sent before a time.
    private func waits(for event: Int32, until end: Double, _ clock: () -> Double) -> Bool {
        while true {
            let left = end - clock()
            guard left >= 0 else { return false }
            var one = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            // SAFETY: poll reads and writes the one record.
            let ready = unsafe poll(&one, 1, Int32(min(left.rounded(.up), 1e9)))
            if ready > 0 { return true }
            if ready < 0 && errno != EINTR { return false }
            if ready == 0 && left == 0 { return false }
        }
    }
}
