import Foundation
import JSON
import Testing

/// A database of the operator's own. `migrate` makes it current; until then `serve` refuses it.
@Suite struct MigrateTests {
    @Test("serve refuses an empty database, migrate makes it current, and then it serves and verifies")
    func ownDatabase() async throws {
        let own = try await OwnDatabase()
        let database = own.connection
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
        let own = try await OwnDatabase()
        let database = own.connection
        let directory = try ScratchDirectory()
        try await Command.run(["migrate", "--database-url", database], as: nil).expect(0)
        let server = try await PurserServer(in: directory, database: database)
        let team = try await Team(on: server)
        try await team.setBudget()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("v-1")))
        try await Command.run(["verify", "--database-url", database], as: nil).expect(0)
        try await own.execute("UPDATE budget_window SET spent = spent + 1")
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
        let own = try await OwnDatabase()
        let database = own.connection
        try await Command.run(["migrate", "--database-url", database], as: nil).expect(0)
        try await own.execute(change)
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
