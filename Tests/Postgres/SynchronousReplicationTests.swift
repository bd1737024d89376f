import Glibc
import PostgresTesting
import Testing

@testable import Postgres

@Suite(.serialized) struct SynchronousReplicationTests {
    @Test("a commit whose wait for synchronous replication was cancelled is an unknown outcome", arguments: [0, 1, 2])
    func cancelledSynchronousWait(way: Int) async throws {
        try await ScratchCluster.with { cluster, connectionString in
            let connection = try Connection(connectionString: connectionString)
            try connection.executeScript("CREATE TABLE t (x int8)")
            try connection.executeScript("ALTER SYSTEM SET synchronous_standby_names = 'absent'")
            let observer = try Connection(connectionString: connectionString)
            try observer.executeScript("SELECT pg_reload_conf()")
            while try connection.query("SHOW synchronous_standby_names")[0].decode(String.self, at: 0) == "" {
                usleep(10_000)
            }
            let backend = connection.backendProcessID
            let canceller = DedicatedThread(name: "canceller") {
                guard let other = try? Connection(connectionString: connectionString) else { return }
                let cancel: SQL = """
                    SELECT pg_cancel_backend(pid) FROM pg_stat_activity
                    WHERE pid = \(backend) AND wait_event = 'SyncRep'
                    """
                while (try? other.query(cancel).count) == 0 { usleep(10_000) }
            }
            // The server begins to wait a moment after it shows the setting, so the first commits may pass.
            let error = try #require(throws: PostgresError.self) {
                for _ in 1...1_000 {
                    switch way {
                    case 0: try connection.transaction { try $0.execute("INSERT INTO t VALUES (\(1))") }
                    case 1: _ = try connection.pipeline(["INSERT INTO t VALUES (\(1))", "SELECT 1"])
                    default: try connection.execute("INSERT INTO t VALUES (\(1))")
                    }
                    usleep(1_000)
                }
            }
            await canceller.ended()
            #expect(error.kind == .unknownOutcome)
            #expect(try ScratchCluster.values(connectionString).last == 1)
        }
    }
}
