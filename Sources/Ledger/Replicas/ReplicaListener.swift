import Accounting
import Postgres
import Synchronization

/// Hears at once what other replicas announce: changes of configuration and waiting for idle leases. A word that is lost
/// with a connection is made up for by looking when there is a new one, and by every heartbeat.
final class ReplicaListener: Sendable {
    /// How long a quiet connection is waited on before the end is looked for.
    private static let patienceMilliseconds = 200

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

    /// Until the connection is lost or the replica ends.
    private func listen(_ connection: Connection) throws {
        try connection.listen(ConfigurationStore.channel)
        try connection.listen(LeaseNews.channel)
        ringControl()
        while !isClosed.load(ordering: .relaxed) {
            guard let word = try connection.waitForNotification(timeoutMilliseconds: Self.patienceMilliseconds) else {
                continue
            }
            if word.channel == ConfigurationStore.channel {
                ringControl()
            } else if let news = LeaseNews(payload: word.payload) {
                hear(news)
            }
        }
    }

    private func ringControl() {
        core.withLock { $0.ringControl() }
        core.controlBell.ring()
    }

    private func hear(_ news: LeaseNews) {
        switch news {
        case .recalled(let windows):
            core.withLock { core in core.recall(windows.filter { core.desk.hasAccount(ofWindow: $0) }) }
        case .gaveBack: core.withLock { $0.lookAgain() }
        }
        core.leaseBell.ring()
    }
}
