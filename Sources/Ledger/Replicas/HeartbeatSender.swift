import Accounting
import Logging
import Postgres
import Synchronization

/// Sends the requests of the core's `HeartbeatQueue` to PostgreSQL, on a thread and a connection that do nothing else.
final class HeartbeatSender: Sendable {
    let link: DatabaseLink
    private let core: LockedCore
    private let log: Logger
    private let isClosed = Atomic(false)

    init(connectionString: String, core: LockedCore, log: Logger) {
        link = DatabaseLink(connectionString: connectionString, name: "heartbeat", limits: .heartbeat)
        self.core = core
        self.log = log
    }

    func close() {
        isClosed.store(true, ordering: .relaxed)
        core.heartbeatSignal.raise()
    }

    /// Starts the thread; it ends after `close()`.
    func start() -> DedicatedThread {
        DedicatedThread(name: "heartbeat") { [self] in
            var wasReachable = true
            while !isClosed.load(ordering: .relaxed) {
                let now = SystemClock.now()
                let (request, wakeAt) = core.withLock {
                    ($0.nextHeartbeat(at: now), $0.heartbeats.wakeAtNanoseconds)
                }
                guard let request else {
                    core.heartbeatSignal.wait(atMost: wakeAt.map { .nanoseconds($0 - now.monotonicNanoseconds) })
                    continue
                }
                let answer = answer(request, &wasReachable)
                core.withLock { $0.took(answer, at: SystemClock.now()) }.answerCallers()
                // The answer may have given the other threads something to send.
                core.controlSignal.raise()
                if case .registered = answer {
                    core.leaseSignal.raise()
                    core.writerSignal.raise()
                }
            }
        }
    }

    private func answer(_ request: HeartbeatQueue.Request, _ wasReachable: inout Bool) -> HeartbeatQueue.Answer {
        do {
            let answer = try link.run { try ask(request, $0) }
            wasReachable = true
            return answer
        } catch {
            if wasReachable { log.error("The database cannot be reached", metadata: ["error": "\(error)"]) }
            wasReachable = false
            return .failed
        }
    }

    private func ask(_ request: HeartbeatQueue.Request, _ connection: Connection) throws -> HeartbeatQueue.Answer {
        switch request {
        case .heartbeat(let replicaID, let version, let last):
            return try ReplicaRegistry.heartbeat(
                replicaID, configurationVersion: version, last: last, connection)
        case .register(let formerID):
            let replicaID = try ReplicaRegistry.register(above: formerID, connection)
            log.warning(
                "Registered anew: it was declared gone, or the database has another primary or was restored from a backup"
            )
            return .registered(replicaID: replicaID)
        }
    }
}
