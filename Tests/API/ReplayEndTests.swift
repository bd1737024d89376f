import Foundation
import Testing

/// When a replay ends before its result.
@Suite("A replay that nobody waits for") struct ReplayEndTests {
    /// A server whose verdict log takes a minute to read.
    private static func slow() async throws -> (PurserServer, OwnDatabase) {
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(in: ScratchDirectory(), database: database.connection)
        try await database.execute(
            """
            ALTER TABLE verdict_page RENAME TO fast_page;
            CREATE VIEW verdict_page AS
                SELECT 1::bigint AS replica_id, 1::bigint AS number, now() AS first_at, now() AS last_at,
                    0::bigint AS calls, '{}'::bigint[] AS user_ids, ''::bytea AS content
                FROM pg_sleep(59)
            """)
        return (server, database)
    }

    private static func running(_ database: OwnDatabase) async throws -> Int {
        try await database.rows(
            """
            SELECT 1 FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'active' AND query LIKE '%FROM verdict_page%'
                AND application_name = 'purser reports'
            """
        ).count
    }

    /// A client that waits for a replay.
    private static func begin(
        _ accepted: String, _ server: PurserServer, _ database: OwnDatabase
    ) async throws -> RawConnection {
        func day(_ later: Int) -> String {
            String(Date(timeIntervalSinceNow: Double(later) * 86_400).ISO8601Format().prefix(10))
        }
        let body = """
            {"budgets": [{"id": "b", "scope": {}, "period": "month", "limit_usd": "1", "owner": "company"}],
                "from": "\(day(-1))", "to": "\(day(1))"}
            """
        let connection = try RawConnection(to: server.url)
        try connection.send(RawConnection.request("POST", "/v1/replays", body, headers: ["Accept: \(accepted)"]))
        try await Eventually.holds("no replay runs") { try await running(database) == 1 }
        return connection
    }

    @Test("ends, and another may run", arguments: ["application/json", "application/x-ndjson"])
    func client(accepted: String) async throws {
        let (server, database) = try await Self.slow()
        for _ in 0..<2 {
            let connection = try await Self.begin(accepted, server, database)
            connection.reset()
            try await Eventually.holds("a replay runs on without its client") {
                try await Self.running(database) == 0
            }
        }
        #expect(try await Self.cancellations(server) == 2)
    }

    /// How many replays ended because nobody waited for them, rather than by themselves.
    private static func cancellations(_ server: PurserServer) async throws -> Int {
        let text = try await server.admin.send("GET", "/metrics").text
        let name = #"purser_database_pool_cancellations_total{pool="reports"} "#
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return try #require(line.flatMap { Int($0.dropFirst(name.utf8.count)) })
    }

    @Test("does not hold up a server that ends, and says so", arguments: ["application/json", "application/x-ndjson"])
    func server(accepted: String) async throws {
        let (server, database) = try await Self.slow()
        let connection = try await Self.begin(accepted, server, database)
        server.process.signal(SIGTERM)
        let end = try await server.process.ended(atMostSeconds: 40)
        #expect(end.exitCode == 0 && !end.isSignalled, "\(server.log)")
        let answer = try connection.receiveToEnd()
        #expect(answer.contains("unavailable"), "\(answer)")
    }
}
