import Foundation
import JSON
import Testing

/// A database of one's own: made current by `migrate`, refused by `serve` where it is not.
@Suite struct MigrateTests {
    /// A new, empty database in the shared server's PostgreSQL, as a connection string.
    private static func database() async throws -> String {
        let server = try await PurserServer.shared
        let connection = try String(contentsOfFile: "\(server.dataDirectory)/connection", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let name = "own_" + UUID().uuidString.prefix(8).lowercased()
        try await psql(connection, "CREATE DATABASE \(name)")
        let parts = connection.split(separator: " ").filter { !$0.hasPrefix("dbname=") }
        return parts.joined(separator: " ") + " dbname=\(name)"
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

    @Test("serve refuses an empty database, migrate makes it current, and then it serves and verifies")
    func ownDatabase() async throws {
        let database = try await Self.database()
        let directory = try ScratchDirectory()
        let refused = try PurserServer.start(in: directory, database: database)
        #expect(try await refused.ended(atMostSeconds: 60).exitCode == 1)
        #expect(directory.text("serve.err").contains("purser migrate") && directory.text("serve.out").isEmpty)

        for _ in 0..<2 {
            try await Command.run(["migrate", "--database-url", database], as: nil).expect(
                0, output: false, errors: true)
        }
        let server = try await PurserServer(in: directory, database: database)
        let team = try await Team(on: server)
        try await team.setBudget()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("m-1")))
        let verify = try await Command.run(["verify"], as: nil, environment: ["PURSER_DATABASE_URL": database])
        verify.expect(0, output: true)
        server.process.signal(SIGTERM)
        #expect(try await server.process.ended(atMostSeconds: 60).exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: server.dataDirectory))
    }

    @Test("verify finds a sum that was changed behind the ledger's back, and exits 1")
    func tamperedSum() async throws {
        let database = try await Self.database()
        let directory = try ScratchDirectory()
        try await Command.run(["migrate", "--database-url", database], as: nil).expect(0)
        let server = try await PurserServer(in: directory, database: database)
        let team = try await Team(on: server)
        try await team.setBudget()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("v-1")))
        try await Command.run(["verify", "--database-url", database], as: nil).expect(0)
        try await Self.psql(database, "UPDATE budget_window SET spent = spent + 1")
        let verify = try await Command.run(["verify", "--database-url", database], as: nil)
        verify.expect(1, output: true, errors: true)
        #expect(verify.lines.contains { $0.hasPrefix("FAILED") })
    }

    @Test(
        "a schema that is not this version's is refused by serve and migrate alike",
        arguments: [
            "UPDATE migration SET checksum = 'x'",
            "INSERT INTO migration (number, name, checksum) VALUES (9999, '9999_future.sql', 'x')",
        ])
    func otherSchema(change: String) async throws {
        let database = try await Self.database()
        try await Command.run(["migrate", "--database-url", database], as: nil).expect(0)
        try await Self.psql(database, change)
        for command in [["serve", "--listen", "127.0.0.1:0"], ["migrate"]] {
            let run = try await Command.run(command + ["--database-url", database], as: nil)
            run.expect(1, output: false, errors: true)
        }
    }

    @Test("a database that cannot be reached exits 3 for verify and migrate, and is named without its password")
    func notReachable() async throws {
        for command in ["verify", "migrate"] {
            let run = try await Command.run(
                [command, "--database-url", "postgresql://somebody:secret@127.0.0.1:1/none?connect_timeout=2"], as: nil)
            run.expect(3, output: false, errors: true)
            #expect(!run.errors.contains("secret"))
        }
    }
}
