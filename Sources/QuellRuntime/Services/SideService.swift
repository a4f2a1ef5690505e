import Logging
import Sampling
import ServiceLifecycle

/// Has everything read that may wait, each source on a thread of its own, and hands what it says to the sampler.
struct SideService: Service {
    /// Where the readings go.
    let monitor: Monitor<HostSource>
    /// Who knows the VMs.
    let inventory: InventoryService
    /// What makes each source, on its thread.
    let sources: [@Sendable () -> any SideSource]
    /// Where it is told that a source hangs.
    let logger: Logger
    /// Where it is kept for whoever scrapes.
    let states: HostStates

    func run() async throws {
        let (answers, answered) = AsyncStream.makeStream(
            of: SideThread.Answer.self,
            bufferingPolicy: .bufferingNewest(4 * max(1, sources.count))
        )
        let threads = sources.map { make in
            let thread = SideThread(now: { HostClock.now() }, answer: { answered.yield($0) })
            thread.start(make)
            return thread
        }
        await cancelWhenGracefulShutdown {
            async let beats: Void = beat(threads)
            for await answer in answers {
                await monitor.withSource { $0.sampler.take(answer.batch, at: answer.time) }
            }
            await beats
        }
        for thread in threads { thread.stop() }
    }

    /// Tells the threads each second which VMs there are, and tells once of each that hangs.
    private func beat(_ threads: [SideThread]) async {
        var revision: UInt64?
        var hanging: Set<Int> = []
        for await _ in TickSequence(every: .seconds(1), on: ContinuousClock()) {
            if let news = await inventory.descriptions(since: revision) {
                revision = news.revision
                for thread in threads { thread.watch(news.vms) }
            }
            for (index, thread) in threads.enumerated() {
                let overdue = thread.overdue
                if let name = thread.name { states.note(name, overdue: overdue?.seconds ?? 0) }
                guard let late = overdue else {
                    hanging.remove(index)
                    continue
                }
                if hanging.insert(index).inserted {
                    let seconds = Int(late.seconds)
                    logger.warning("\(late.name) has not answered for \(seconds) s; its signals become missing")
                }
            }
        }
    }
}
