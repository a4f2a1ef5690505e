import Signals
import Testing

@testable import Libvirt

@Suite("Events wait for their consumer, and none is lost unnoticed")
struct EventQueueTests {
    /// Takes all that waits; the queue is finished.
    private func drain(_ queue: EventQueue) async -> [DomainEvent] {
        queue.finish()
        var events: [DomainEvent] = []
        while let event = await queue.next() { events.append(event) }
        return events
    }

    @Test("They come in order")
    func order() async {
        let queue = EventQueue()
        let events: [DomainEvent] = [.started(vm(1)), .changed(vm(1)), .stopped(vm(1)), .disconnected]
        for event in events { queue.push(event) }
        #expect(await drain(queue) == events)
    }

    @Test("A full queue loses nothing at its limit and one more becomes a resync")
    func overflow() async {
        let queue = EventQueue(limit: 3)
        for number in 1...3 { queue.push(.changed(vm(UInt64(number)))) }
        let other = EventQueue(limit: 3)
        for number in 1...4 { other.push(.changed(vm(UInt64(number)))) }
        #expect(await drain(queue) == [.changed(vm(1)), .changed(vm(2)), .changed(vm(3))])
        #expect(await drain(other) == [.resync])
    }

    @Test("On overflow the last edge of the connection is kept, and later events follow the resync")
    func overflowKeepsEdge() async {
        let queue = EventQueue(limit: 3)
        for event in [DomainEvent.disconnected, .reconnected, .changed(vm(1)), .changed(vm(2))] { queue.push(event) }
        queue.push(.stopped(vm(9)))
        #expect(await drain(queue) == [.reconnected, .resync, .stopped(vm(9))])
    }

    @Test("The same event twice in a row is told once, but not once it was taken")
    func repetition() async {
        let queue = EventQueue()
        queue.push(.changed(vm(1)))
        queue.push(.changed(vm(1)))
        #expect(await queue.next() == .changed(vm(1)))
        queue.push(.changed(vm(1)))
        #expect(await drain(queue) == [.changed(vm(1))])
    }

    @Test("A consumer that waits is woken, by an event, by the end, and by its cancellation")
    func waking() async {
        let queue = EventQueue()
        async let event = queue.next()
        queue.push(.started(vm(1)))
        #expect(await event == .started(vm(1)))
        let cancelled = Task { await queue.next() }
        cancelled.cancel()
        #expect(await cancelled.value == nil)
        async let end = queue.next()
        queue.finish()
        #expect(await end == nil)
        queue.push(.started(vm(2)))
        #expect(await queue.next() == nil)
    }
}
