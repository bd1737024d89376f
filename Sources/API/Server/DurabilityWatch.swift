import Ledger
import Logging
import ServiceLifecycle
import Synchronization

/// What the database's settings do to the promises, looked at again and again: they change under a running server.
final class DurabilityWatch: Service {
    private static let pause = Duration.seconds(5)

    private let database: Database
    private let log: Logger
    private let known = Mutex<String?>(nil)

    init(database: Database, log: Logger) {
        self.database = database
        self.log = log
    }

    /// In words for the operator, with nothing private in them.
    var warnings: [String] { known.withLock { $0.map { [$0] } ?? [] } }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while (try? await Task.sleep(for: Self.pause)) != nil { await look() }
        }
    }

    func look() async {
        let warning: String?
        do {
            warning = try await database.run { try ConfigurationStore.durabilityWarning($0) }
        } catch {
            // What was known stands; that the database cannot be asked is for the heartbeat to tell.
            return
        }
        let isNew = known.withLock { known in
            defer { known = warning }
            return known != warning
        }
        guard isNew else { return }
        if let warning { log.warning("\(warning)") } else { log.notice("The database's settings are safe again") }
    }
}
