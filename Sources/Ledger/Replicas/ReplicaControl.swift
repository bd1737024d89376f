import Accounting
import Logging
import Postgres
import Synchronization

/// The heartbeat of a replica, on a thread and a connection of its own: says that it lives, moves the fence, takes over
/// changes of configuration, hears of holds ended elsewhere, and takes back leases of the dead.
final class ReplicaControl: Sendable {
    private struct State {
        var mustReload = false
        var isClosed = false
    }

    private static let forgettingPause = Duration.seconds(3600)

    private let link: DatabaseLink
    private let desk: LockedDesk
    private let writer: LedgerWriter
    private let log: Logger
    private let state = Monitor(State())
    private let loaded: Mutex<ConfigurationStore.Loaded>
    private let reachable = Mutex(true)

    init(
        connectionString: String, desk: LockedDesk, loaded: ConfigurationStore.Loaded, writer: LedgerWriter,
        log: Logger
    ) {
        link = DatabaseLink(connectionString: connectionString)
        self.desk = desk
        self.loaded = Mutex(loaded)
        self.writer = writer
        self.log = log
    }

    var isReachable: Bool { reachable.withLock { $0 } }

    /// Has the configuration looked at now rather than at the next heartbeat.
    func reload() { state.withLock { $0.mustReload = true } }

    func close() { state.withLock { $0.isClosed = true } }

    /// Stops spending at once: PostgreSQL has declared this replica gone.
    func fence() { desk.withLock { $0.fence(afterNanoseconds: .min) } }

    func start() -> DedicatedThread {
        DedicatedThread(name: "replica-control") { [self] in
            var endedUntil = desk.now().wall
            var nextForgetting = ContinuousClock.now + Self.forgettingPause
            while true {
                beat(&endedUntil, &nextForgetting)
                let pause = ContinuousClock.now + .seconds(isReachable ? ReplicaRegistry.heartbeatSeconds : 1)
                let isClosed = state.wait(until: pause) { state -> Bool? in
                    guard state.mustReload || state.isClosed else { return nil }
                    state.mustReload = false
                    return state.isClosed
                }
                if isClosed == true { return }
            }
        }
    }

    private func beat(_ endedUntil: inout Timestamp, _ nextForgetting: inout ContinuousClock.Instant) {
        do {
            try link.run { connection in
                var newest = try heartbeat(connection)
                // A newer configuration is taken over, and said to be, until there is none.
                while let version = newest, version > desk.withLock({ $0.configuration.version }) {
                    try takeOver(connection)
                    newest = try heartbeat(connection)
                }
                for (number, endedAt) in try ReplicaRegistry.endedElsewhere(
                    desk.replicaID, after: endedUntil, connection)
                {
                    desk.withLock { $0.endedElsewhere(number) }
                    endedUntil = max(endedUntil, endedAt)
                }
                if ContinuousClock.now >= nextForgetting {
                    let forgotten = try Retention.forget(connection)
                    // More than one helping is taken at the pace of heartbeats.
                    nextForgetting = .now + (forgotten > 0 ? .zero : Self.forgettingPause)
                }
                let reclaimed = try ReplicaRegistry.reclaim(connection)
                if reclaimed > 0 { log.notice("Leases were reclaimed", metadata: ["leases": "\(reclaimed)"]) }
            }
            reachable.withLock { $0 = true }
        } catch {
            if reachable.withLock({ was in
                defer { was = false }
                return was
            }) {
                log.error("The database cannot be reached", metadata: ["error": "\(error)"])
            }
        }
    }

    /// The fence stands the lease time after the *sending* of the last heartbeat that arrived.
    private func heartbeat(_ connection: Connection) throws -> Int64? {
        let sentAt = LockedDesk.monotonicNanoseconds()
        let version = desk.withLock { $0.configuration.version }
        guard
            let newest = try ReplicaRegistry.heartbeat(desk.replicaID, configurationVersion: version, connection)
        else {
            fence()
            return nil
        }
        desk.withLock { $0.fence(afterNanoseconds: sentAt + ReplicaRegistry.leaseSeconds * 1_000_000_000) }
        return newest
    }

    private func takeOver(_ connection: Connection) throws {
        let previous = loaded.withLock { $0 }
        let next = try ConfigurationStore.load(connection, previous: previous)
        loaded.withLock { $0 = next }
        // Limits are in the windows' rows: those this replica knows are read again.
        let windows = desk.withLock { $0.openWindowIDs }
        let facts = try connection.transaction(readOnly: true) {
            try WindowRows.facts(windows, replicaID: desk.replicaID, $0)
        }
        desk.withLock { desk in
            desk.adopt(next.configuration)
            for fact in facts { desk.learn(fact) }
        }
        // This replica says that it has the new configuration only when nothing worked out under the old one is left.
        writer.awaitQueued(atMostSeconds: ReplicaRegistry.heartbeatSeconds)
    }
}
