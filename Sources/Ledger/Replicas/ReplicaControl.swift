import Accounting
import Logging
import Postgres
import Synchronization

/// The heartbeat of a replica, on a thread and a connection of its own: says that it lives, moves the fence, takes over
/// changes of configuration, hears of holds ended elsewhere, hands over its own and ends those of others, and takes
/// back leases of the dead.
final class ReplicaControl: Sendable {
    private static let forgettingPause = Duration.seconds(3600)

    private let link: DatabaseLink
    private let core: LockedCore
    private let seal: HoldSeal
    private let log: Logger
    private let loaded: Mutex<ConfigurationStore.Loaded>
    private let isClosed = Atomic(false)
    private let reachable = Atomic(true)

    /// What the thread carries from beat to beat.
    private struct Rhythm {
        var endedUntil: Timestamp
        var nextForgetting: ContinuousClock.Instant
        /// A replica that was, with holds that are not handed over yet.
        var retired: Int64?
    }

    init(
        connectionString: String, core: LockedCore, seal: HoldSeal, loaded: ConfigurationStore.Loaded, log: Logger
    ) {
        link = DatabaseLink(connectionString: connectionString)
        self.core = core
        self.seal = seal
        self.loaded = Mutex(loaded)
        self.log = log
    }

    var isReachable: Bool { reachable.load(ordering: .relaxed) }

    func close() {
        isClosed.store(true, ordering: .relaxed)
        core.controlBell.ring()
    }

    /// Starts the thread; it ends after `close()`.
    func start() -> DedicatedThread {
        DedicatedThread(name: "replica-control") { [self] in
            var rhythm = Rhythm(endedUntil: SystemClock.wallTime(), nextForgetting: .now + Self.forgettingPause)
            while !isClosed.load(ordering: .relaxed) {
                beat(&rhythm)
                core.controlBell.wait(atMost: .seconds(isReachable ? ReplicaRegistry.heartbeatSeconds : 1))
            }
        }
    }

    private func beat(_ rhythm: inout Rhythm) {
        do {
            try link.run { connection in
                var newest = try heartbeat(connection, &rhythm)
                // A newer configuration is taken over, and said to be, until there is none.
                while newest > core.withLock({ $0.desk.configuration.version }) {
                    try takeOver(connection)
                    newest = try heartbeat(connection, &rhythm)
                }
                try look(connection, &rhythm)
                try tidy(connection, &rhythm)
            }
            reachable.store(true, ordering: .relaxed)
        } catch {
            if reachable.exchange(false, ordering: .relaxed) {
                log.error("The database cannot be reached", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Says that this replica lives, and registers it anew where it no longer does. Returns the newest configuration.
    private func heartbeat(_ connection: Connection, _ rhythm: inout Rhythm) throws -> Int64 {
        try handOver(connection, &rhythm)
        while true {
            let (replicaID, version) = core.withLock { ($0.desk.replicaID, $0.configurationVersionInForce) }
            let sentAt = SystemClock.monotonicNanoseconds()
            let pulse = try ReplicaRegistry.heartbeat(replicaID, configurationVersion: version, connection)
            if let pulse, !pulse.isOnNewTimeline {
                core.withLock { $0.acknowledged(heartbeatSentAtNanoseconds: sentAt) }
                return pulse.configurationVersion
            }
            core.withLock { $0.fence() }
            let next = try ReplicaRegistry.register(connection)
            log.warning(
                "Registered anew",
                metadata: [
                    "was": "\(replicaID)", "is": "\(next)",
                    "why": pulse == nil ? "it had been declared gone" : "another server is the primary",
                ])
            core.withLock { $0.startAnew(as: next, sentAtNanoseconds: sentAt) }
            core.leaseBell.ring()
            rhythm.retired = replicaID
            rhythm.endedUntil = SystemClock.wallTime()
            try handOver(connection, &rhythm)
        }
    }

    /// Leaves what a replica held that this one was before for any replica to end.
    private func handOver(_ connection: Connection, _ rhythm: inout Rhythm) throws {
        guard let replicaID = rhythm.retired else { return }
        let orphans = core.withLock { $0.takeOrphans() }
        do {
            try ReplicaRegistry.retire(.init(replicaID: replicaID, holds: orphans), seal, connection)
            rhythm.retired = nil
        } catch {
            core.withLock { $0.putBack(orphans: orphans) }
            throw error
        }
    }

    private func takeOver(_ connection: Connection) throws {
        let previous = loaded.withLock { $0 }
        let next = try ConfigurationStore.load(connection, previous: previous)
        loaded.withLock { $0 = next }
        // Limits are in the windows' rows: those this replica knows are read again.
        let (replicaID, windows) = core.withLock { ($0.desk.replicaID, $0.desk.openWindowIDs) }
        let facts = try connection.transaction(readOnly: true) {
            try WindowRows.facts(windows, replicaID: replicaID, $0)
        }
        core.withLock { $0.adopt(next.configuration, facts) }
        // A limit that was lowered makes idle leases shrink at once.
        core.withLock { $0.giveBackIdle(at: SystemClock.now()) }
        core.leaseBell.ring()
    }

    /// What others have done that concerns this replica.
    private func look(_ connection: Connection, _ rhythm: inout Rhythm) throws {
        let replicaID = core.replicaID
        let (ended, until) = try ReplicaRegistry.endedElsewhere(replicaID, after: rhythm.endedUntil, connection)
        rhythm.endedUntil = until
        let recalled = try ReplicaRegistry.recalled(replicaID, connection)
        let expired = try ReplicaRegistry.expiredHandovers(seal, connection)
        core.withLock { core in
            core.endedElsewhere(ended)
            core.recall(recalled)
            core.expire(handedOver: expired)
        }
        if !recalled.isEmpty { core.leaseBell.ring() }
        if !expired.isEmpty { core.writerBell.ring() }
    }

    private func tidy(_ connection: Connection, _ rhythm: inout Rhythm) throws {
        if ContinuousClock.now >= rhythm.nextForgetting {
            let forgotten = try Retention.forget(connection)
            // More than one helping is taken at the pace of heartbeats.
            rhythm.nextForgetting = .now + (forgotten > 0 ? .zero : Self.forgettingPause)
        }
        let reclaimed = try ReplicaRegistry.reclaim(connection)
        if reclaimed > 0 { log.notice("Leases were reclaimed", metadata: ["leases": "\(reclaimed)"]) }
    }
}
