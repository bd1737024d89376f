import Ledger
import Logging
import ServiceLifecycle
import Synchronization

/// Checks again and again whether the database's settings weaken the durability of the ledger, because the settings can
/// change while the server runs.
final class DurabilityWatch: Service {
    private static let pause = Duration.seconds(5)

    private let database: Database
    private let log: Logger
    private let known = Mutex<[String]>([])

    init(database: Database, log: Logger) {
        self.database = database
        self.log = log
    }

    /// Sentences for the operator. They contain nothing private.
    var warnings: [String] { known.withLock { $0 } }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while (try? await Task.sleep(for: Self.pause)) != nil { await look() }
        }
    }

    func look() async {
        let warnings: [String]
        do {
            warnings = try await database.lookUp { try ConfigurationStore.durabilityWarnings($0) }
        } catch {
            // Keeps the last known warning. The heartbeat reports that the database is unreachable.
            return
        }
        let before = known.withLock { known in
            defer { known = warnings }
            return known
        }
        for warning in warnings where !before.contains(warning) { log.warning("\(warning)") }
        if warnings.isEmpty, !before.isEmpty { log.notice("The database's settings are safe again") }
    }
}
