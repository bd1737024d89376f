import Accounting
import Postgres
import Synchronization

/// Receives what other replicas announce: configuration changes and lease notifications. A notification that is lost
/// with its connection does no harm: the replica looks for updates after each reconnect and with every heartbeat.
final class ReplicaListener: Sendable {
    /// How long to wait for a notification before checking whether the listener was closed.
    private static let timeoutMilliseconds = 200

    let link: DatabaseLink
    private let core: LockedCore
    private let isClosed = Atomic(false)

    init(connectionString: String, core: LockedCore) {
        link = DatabaseLink(connectionString: connectionString, name: "listener")
        self.core = core
    }

    func close() { isClosed.store(true, ordering: .relaxed) }

    /// Starts the thread; it ends soon after `close()`.
    func start() -> DedicatedThread {
        DedicatedThread(name: "replica-listener") { [self] in
            while !isClosed.load(ordering: .relaxed) {
                do {
                    try link.run { try listen($0) }
                } catch {
                    link.pause()
                }
            }
        }
    }

    /// Listens until the connection is lost or the listener is closed.
    private func listen(_ connection: Connection) throws {
        try connection.listen(ConfigurationStore.channel)
        try connection.listen(LeaseNotification.channel)
        wakeControl { $0.catchUp() }
        while !isClosed.load(ordering: .relaxed) {
            guard let word = try connection.waitForNotification(timeoutMilliseconds: Self.timeoutMilliseconds) else {
                continue
            }
            if word.channel == ConfigurationStore.channel {
                wakeControl { $0.loadConfigurationNow() }
            } else if let updates = LeaseNotification(payload: word.payload) {
                hear(updates)
            }
        }
    }

    private func wakeControl(_ wake: (inout ReplicaCore) -> Void) {
        core.withLock { wake(&$0) }
        core.controlSignal.raise()
    }

    private func hear(_ updates: LeaseNotification) {
        switch updates {
        case .revoked(let windows): core.withLock { $0.hear(revoked: windows) }
        case .gaveBack: core.withLock { $0.lookAgain() }
        }
        core.leaseSignal.raise()
    }
}
