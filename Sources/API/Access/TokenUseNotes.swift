import Ledger
import Logging
import ServiceLifecycle

/// Notes in the database which tokens were used: once a minute, and when the server ends.
struct TokenUseNotes: Service {
    let access: Access
    let database: Database
    let log: Logger

    private static let pause = Duration.seconds(60)
    /// Less than the pause, so that each server on its own notes every minute.
    private static let restSeconds: Int64 = 30

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.pause)) != nil { await note() }
        }
        await note()
    }

    private func note() async {
        let ids = access.takeUsedTokens()
        guard !ids.isEmpty else { return }
        do {
            try await database.run { try TokenStore.noteUse(of: ids, restSeconds: Self.restSeconds, $0) }
        } catch {
            // The next use is noted again. The heartbeat reports that the database is unreachable.
            log.debug("The use of tokens was not noted", metadata: ["error": "\(error)"])
        }
    }
}
