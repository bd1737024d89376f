import Accounting
import Logging
import Postgres
import Synchronization

/// Asks PostgreSQL what the core's `ControlQueue` wants to know, on a thread and a connection of its own.
final class ReplicaControl: Sendable {
    private static let forgettingPause = Duration.seconds(3600)

    let link: DatabaseLink
    private let core: LockedCore
    private let seal: HoldSeal
    private let log: Logger
    private let isClosed = Atomic(false)

    /// What the thread carries from request to request.
    private struct Memory {
        var loaded: ConfigurationStore.Loaded
        var nextForgetting = ContinuousClock.now + ReplicaControl.forgettingPause
        var wasReachable = true
    }

    init(connectionString: String, core: LockedCore, seal: HoldSeal, log: Logger) {
        link = DatabaseLink(connectionString: connectionString, name: "control", limits: .heartbeat)
        self.core = core
        self.seal = seal
        self.log = log
    }

    func close() {
        isClosed.store(true, ordering: .relaxed)
        core.controlBell.ring()
    }

    /// Starts the thread; it ends after `close()`.
    func start(loaded: ConfigurationStore.Loaded) -> DedicatedThread {
        DedicatedThread(name: "replica-control") { [self] in
            var memory = Memory(loaded: loaded)
            while !isClosed.load(ordering: .relaxed) {
                let now = SystemClock.now()
                let (request, wakeAt) = core.withLock { ($0.nextControl(at: now), $0.control.wakeAtNanoseconds) }
                guard let request else {
                    core.controlBell.wait(atMost: wakeAt.map { .nanoseconds($0 - now.monotonicNanoseconds) })
                    continue
                }
                let answer = answer(request, &memory)
                core.withLock { $0.took(answer, at: SystemClock.now()) }
                // What was heard may give the others something to send.
                core.leaseBell.ring()
                core.writerBell.ring()
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
            return .pulse(
                try ReplicaRegistry.heartbeat(replicaID, configurationVersion: version, connection))
        case .load(let replicaID, let windowIDs):
            memory.loaded = try ConfigurationStore.load(connection, previous: memory.loaded)
            // Limits are in the windows' rows: those this replica knows are read again.
            let facts = try connection.transaction(readOnly: true) {
                try WindowRows.facts(windowIDs, replicaID: replicaID, $0)
            }
            return .loaded(memory.loaded.configuration, facts)
        case .register:
            let replicaID = try ReplicaRegistry.register(connection)
            log.warning("Registered anew: it was declared gone, or there is another primary")
            return .registered(replicaID: replicaID)
        case .retire(let estate):
            try ReplicaRegistry.retire(estate, seal, connection)
            return .done
        case .look(let replicaID, let after):
            return .looked(try ReplicaRegistry.news(of: replicaID, after: after, seal, connection))
        case .tidy:
            do {
                try tidy(connection, &memory)
            } catch let error as PostgresError where error.isPassing && connection.isUsable {
                // Rows that others have locked are for the next time.
                log.debug("Left for later", metadata: ["error": "\(error)"])
            }
            return .done
        }
    }

    private func tidy(_ connection: Connection, _ memory: inout Memory) throws {
        let ended = try ReplicaRegistry.endStuckBatches(connection)
        if ended > 0 { log.warning("Ended the batches of silent replicas", metadata: ["batches": "\(ended)"]) }
        let reclaimed = try ReplicaRegistry.reclaim(connection)
        if reclaimed > 0 { log.notice("Leases were reclaimed", metadata: ["leases": "\(reclaimed)"]) }
        // Last, and not again at once where it fails: nothing else may wait for it.
        if ContinuousClock.now >= memory.nextForgetting {
            memory.nextForgetting = .now + Self.forgettingPause
            // More than one helping is taken at the pace of heartbeats.
            if try Retention.forget(connection) > 0 { memory.nextForgetting = .now }
        }
    }
}
