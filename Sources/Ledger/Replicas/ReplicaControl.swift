import Accounting
import Logging
import Postgres
import Synchronization

/// Sends the requests of the core's `ControlQueue` to PostgreSQL, on a thread and a connection of its own.
final class ReplicaControl: Sendable {
    private static let retentionPause = Duration.seconds(3600)

    let link: DatabaseLink
    private let core: LockedCore
    private let holdTokens: HoldTokenCipher
    private let log: Logger
    private let isClosed = Atomic(false)

    /// State that the thread keeps between requests.
    private struct Memory {
        var loaded: ConfigurationStore.Loaded
        var nextRetention = ContinuousClock.now + ReplicaControl.retentionPause
        var wasReachable = true
    }

    init(connectionString: String, core: LockedCore, holdTokens: HoldTokenCipher, log: Logger) {
        link = DatabaseLink(connectionString: connectionString, name: "control", limits: .heartbeat)
        self.core = core
        self.holdTokens = holdTokens
        self.log = log
    }

    func close() {
        isClosed.store(true, ordering: .relaxed)
        core.controlSignal.raise()
    }

    /// Starts the thread; it ends after `close()`.
    func start(loaded: ConfigurationStore.Loaded) -> DedicatedThread {
        DedicatedThread(name: "replica-control") { [self] in
            var memory = Memory(loaded: loaded)
            while !isClosed.load(ordering: .relaxed) {
                let now = SystemClock.now()
                let (request, wakeAt) = core.withLock { ($0.nextControl(at: now), $0.control.wakeAtNanoseconds) }
                guard let request else {
                    core.controlSignal.wait(atMost: wakeAt.map { .nanoseconds($0 - now.monotonicNanoseconds) })
                    continue
                }
                let answer = answer(request, &memory)
                core.withLock { $0.took(answer, at: SystemClock.now()) }
                // The answer may have given the other threads something to send.
                core.leaseSignal.raise()
                core.writerSignal.raise()
            }
        }
    }

    private func answer(_ request: ControlQueue.Request, _ memory: inout Memory) -> ControlQueue.Answer {
        do {
            let answer = try link.run { try ask(request, $0, &memory) }
            memory.wasReachable = true
            return answer
        } catch {
            if memory.wasReachable { log.error("The database cannot be reached", metadata: ["error": "\(error)"]) }
            memory.wasReachable = false
            return .failed
        }
    }

    private func ask(
        _ request: ControlQueue.Request, _ connection: Connection, _ memory: inout Memory
    ) throws -> ControlQueue.Answer {
        switch request {
        case .heartbeat(let replicaID, let version):
            return .heartbeat(
                try ReplicaRegistry.heartbeat(replicaID, configurationVersion: version, connection))
        case .load(let replicaID, let windowIDs):
            memory.loaded = try ConfigurationStore.load(connection, previous: memory.loaded)
            // Limits are in the window rows, so the rows of all windows that this replica knows are read again.
            let facts = try connection.transaction(readOnly: true) {
                try WindowRows.facts(windowIDs, replicaID: replicaID, $0)
            }
            return .loaded(memory.loaded.configuration, facts)
        case .register:
            let replicaID = try ReplicaRegistry.register(connection)
            log.warning("Registered anew: it was declared gone, or there is another primary")
            return .registered(replicaID: replicaID)
        case .deregister(let handover):
            try ReplicaRegistry.deregister(handover, holdTokens, connection)
            return .done
        case .readUpdates(let replicaID, let after):
            return .updates(try ReplicaRegistry.updates(of: replicaID, after: after, holdTokens, connection))
        case .maintain:
            do {
                try maintain(connection, &memory)
            } catch let error as PostgresError where error.isPassing && connection.isUsable {
                // Other sessions have locked some of the rows. The next maintenance run tries again.
                log.debug("Left for later", metadata: ["error": "\(error)"])
            }
            return .done
        }
    }

    private func maintain(_ connection: Connection, _ memory: inout Memory) throws {
        let ended = try ReplicaRegistry.endStuckBatches(connection)
        if ended > 0 { log.warning("Ended the batches of silent replicas", metadata: ["batches": "\(ended)"]) }
        let reclaimed = try ReplicaRegistry.reclaim(connection)
        if reclaimed > 0 { log.notice("Leases were reclaimed", metadata: ["leases": "\(reclaimed)"]) }
        // Deletion runs last, and after a failure it waits for the next due time, so that it never delays other
        // requests.
        if ContinuousClock.now >= memory.nextRetention {
            memory.nextRetention = .now + Self.retentionPause
            // If rows were deleted, more may be due. Each heartbeat cycle deletes one portion.
            if try Retention.purge(connection) > 0 { memory.nextRetention = .now }
        }
    }
}
