import HostReaders
import Logging
import ServiceLifecycle

/// Calls when threshold files may have changed, until the daemon stops.
struct PolicyWatcher: Sendable {
    /// Where the files are.
    let policies: PolicySource
    /// Where it is told that they cannot be watched.
    let logger: Logger

    /// Watches.
    ///
    /// - Parameter changed: Called at the beginning too, since the kernel does not tell what changed before.
    func run(_ changed: () -> Void) async {
        do throws(DirectoryWatchError) {
            var watch = try PolicyWatch(policies.watchedPaths, at: HostClock.now())
            var told: [String] = []
            changed()
            for await _ in TickSequence(every: .milliseconds(250), on: ContinuousClock()).cancelOnGracefulShutdown() {
                if watch.problems != told {
                    told = watch.problems
                    for problem in told { logger.warning("not watched for changes, SIGHUP reads them: \(problem)") }
                }
                if watch.isDue(at: HostClock.now()) { changed() }
            }
        } catch {
            logger.warning("threshold files are not watched for changes, SIGHUP reads them: \(error)")
        }
    }
}
