import PostgresTesting
import Testing

@testable import Postgres

@Suite("A standby", .timeLimit(.minutes(1))) struct StandbyTests {
    @Test("is no place to write, which no session stays on; promoted, it is found in a list of hosts")
    func promotion() async throws {
        try await DisposableServer.with { primary in
            try await primary.withSynchronousStandby { standby, _ in
                let hosts = " host=\(primary.socketDirectory),\(standby.socketDirectory)"
                let connection = try Connection(connectionString: primary.database.connectionString + hosts)
                try connection.executeScript("CREATE TABLE t (x int8)")
                try connection.transaction { _ = try $0.execute("INSERT INTO t VALUES (\(1))") }
                try expectNoWrites(standby.database)

                primary.cluster.stop(.immediate)
                let error = #expect(throws: PostgresError.self) {
                    try connection.transaction { _ = try $0.execute("INSERT INTO t VALUES (\(2))") }
                }
                #expect(error?.kind == .connection)
                #expect(throws: PostgresError.self) {
                    try Connection(connectionString: standby.database.connectionString + hosts)
                }
                try standby.promote()
                let next = try Connection(connectionString: standby.database.connectionString + hosts)
                try next.transaction { _ = try $0.execute("INSERT INTO t VALUES (\(3))") }
                #expect(try ScratchCluster.values(standby.database.connectionString) == [1, 3])
            }
        }
    }

    private func expectNoWrites(_ database: TestDatabase) throws {
        let writes: [(Connection) throws -> Void] = [
            { try $0.transaction { _ = try $0.execute("INSERT INTO t VALUES (\(9))") } },
            { try $0.execute("INSERT INTO t VALUES (\(9))") },
            { _ = try $0.pipeline(["SELECT 1", "INSERT INTO t VALUES (\(9))"]) },
        ]
        for write in writes {
            let connection = try database.connect()
            #expect(try connection.transaction(readOnly: true) { try $0.query("SELECT 1").count } == 1)
            #expect(try connection.query("SELECT 1").count == 1)
            let error = try #require(throws: PostgresError.self) { try write(connection) }
            #expect(error.kind == .connection)
            #expect(error.sqlState == SQLState.readOnlyTransaction)
            #expect(!connection.isUsable)
        }
    }
}
