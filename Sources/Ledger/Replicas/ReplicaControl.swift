import Accounting
import Logging
import Postgres
import Synchronization

/// Sends the requests of the core's `ControlQueue` to PostgreSQL, on a thread and a connection of its own.
final class ReplicaControl: Sendable {
    let link: DatabaseLink
    private let core: LockedCore
    private let snapshots: CurrentSnapshot
    private let holdTokens: HoldTokenCipher
    private let log: Logger
    private let isClosed = Atomic(false)

    /// State that the thread keeps between requests.
    private struct Memory {
        var loaded: ConfigurationStore.Loaded
        var wasAnswered = true
    }

    init(
        connectionString: String, core: LockedCore, snapshots: CurrentSnapshot, holdTokens: HoldTokenCipher, log: Logger
    ) {
        link = DatabaseLink(connectionString: connectionString, name: "control", limits: .control)
        self.core = core
        self.snapshots = snapshots
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
                if case .loaded(_?, _) = answer { snapshots.publish() }
                // The answer may have given the other threads something to send.
                core.leaseSignal.raise()
                core.writerSignal.raise()
                core.heartbeatSignal.raise()
            }
        }
    }

    private func answer(_ request: ControlQueue.Request, _ memory: inout Memory) -> ControlQueue.Answer {
        do {
            let answer = try link.run { try ask(request, $0, &memory) }
            memory.wasAnswered = true
            return answer
        } catch {
            if memory.wasAnswered {
                log.error("What others have changed cannot be read", metadata: ["error": "\(error)"])
            }
            memory.wasAnswered = false
            return .failed
        }
    }

    private func ask(
        _ request: ControlQueue.Request, _ connection: Connection, _ memory: inout Memory
    ) throws -> ControlQueue.Answer {
        switch request {
        case .load(let replicaID, let isWhole):
            let change = try ConfigurationStore.load(
                connection, previous: memory.loaded, isWhole: isWhole, replicaID: replicaID)
            guard let change else { return .loaded(nil, []) }
            let hasNewPrices = change.loaded.priceVersion != memory.loaded.priceVersion
            memory.loaded = change.loaded
            if hasNewPrices { FreedMemory.giveBack() }
            return .loaded(change.loaded.configuration, change.facts)
        case .deregister(let handover):
            return .deregistered(try ReplicaRegistry.deregister(handover, holdTokens, connection))
        case .readUpdates(let replicaID, let after, let looksForRevocations):
            return .updates(
                try ReplicaRegistry.updates(
                    of: replicaID, after: after, looksForRevocations: looksForRevocations, connection))
        }
    }
}
