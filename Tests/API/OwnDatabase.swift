import Foundation
import Testing

/// A new database in the shared server's PostgreSQL.
struct OwnDatabase: Sendable {
    let name: String
    private let main: String
    let connection: String

    /// An empty one.
    init() async throws { try await self.init(copying: "template1") }

    /// One as `purser migrate` leaves it, with the price book: a copy of one that is made once in a test process, because the
    /// book takes seconds.
    static func migrated() async throws -> OwnDatabase { try await OwnDatabase(copying: template.value) }

    private static let template = Task {
        let database = try await OwnDatabase()
        try await Command.run(["migrate", "--database-url", database.connection], as: nil).expect(0)
        return database.name
    }

    private init(copying template: String) async throws {
        let server = try await PurserServer.shared
        main = try String(contentsOfFile: "\(server.dataDirectory)/connection", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        name = "own_" + UUID().uuidString.prefix(8).lowercased()
        let parts = main.split(separator: " ").filter { !$0.hasPrefix("dbname=") }
        connection = parts.joined(separator: " ") + " dbname=\(name)"
        try await Self.psql(main, "CREATE DATABASE \(name) TEMPLATE \(template)")
    }

    func execute(_ statement: String) async throws { try await Self.psql(connection, statement) }

    /// The rows of a query; columns are separated by `|`.
    func rows(_ query: String) async throws -> [Substring] {
        try await Self.psql(connection, query).split(separator: "\n")
    }

    /// Runs `body` while another session has the table locked against everybody.
    func locking(_ table: String, _ body: (_ unlock: () async throws -> Void) async throws -> Void) async throws {
        let directory = try ScratchDirectory()
        let holder = try ChildProcess(
            "/usr/bin/psql", ["-XAtq", "-d", connection, "-c", "BEGIN; LOCK TABLE \(table); SELECT pg_sleep(100)"],
            environment: PurserBinary.environment(["PGAPPNAME": "holder"]), output: "\(directory.path)/out",
            errors: "\(directory.path)/err")
        try await Eventually.holds("\(table) is not locked") {
            try await !rows(
                """
                SELECT 1 FROM pg_locks
                WHERE relation = '\(table)'::regclass AND mode = 'AccessExclusiveLock' AND granted
                """
            ).isEmpty
        }
        try await body {
            try await execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder'")
            _ = try await holder.ended(atMostSeconds: 60)
        }
    }

    /// Ends all sessions. With false, nobody can connect afterwards, as in an outage of PostgreSQL.
    func allowConnections(_ isAllowed: Bool) async throws {
        try await Self.psql(main, "ALTER DATABASE \(name) ALLOW_CONNECTIONS \(isAllowed)")
        try await Self.psql(main, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
    }

    @discardableResult
    private static func psql(_ connection: String, _ statement: String) async throws -> String {
        let directory = try ScratchDirectory()
        let process = try ChildProcess(
            "/usr/bin/psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", statement],
            environment: PurserBinary.environment([:]), output: "\(directory.path)/out", errors: "\(directory.path)/err"
        )
        let end = try await process.ended(atMostSeconds: 60)
        guard end.exitCode == 0 else { throw TestFailure("psql: \(directory.text("err"))") }
        return directory.text("out")
    }
}
