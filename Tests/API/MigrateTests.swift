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

    @Test("the accounting time zone is what migrate or serve is given; once there are entries, another one is refused")
    func timeZone() async throws {
        let (berlin, tokyo) = ("Europe/Berlin", "Asia/Tokyo")
        func migrate(_ own: OwnDatabase, _ arguments: String..., zone: String? = nil) async throws -> Command {
            try await Command.run(
                ["migrate", "--database-url", own.connection] + arguments, as: nil,
                environment: zone.map { ["PURSER_TIME_ZONE": $0] } ?? [:])
        }
        let own = try await OwnDatabase()
        for (run, told) in [
            (try await migrate(own), "UTC"), (try await migrate(own, zone: tokyo), tokyo),
            (try await migrate(own), tokyo), (try await migrate(own, "--time-zone", berlin, zone: tokyo), berlin),
        ] {
            run.expect(0, output: false)
            #expect(run.errors.contains("accounting time zone: \(told)\n"))
        }
        try await migrate(own, "--time-zone", "Mars/Base").expect(2)
        let directory = try ScratchDirectory()
        // Nothing is in the ledger yet, so the first server may still decide.
        let server = try await PurserServer(
            in: directory, database: own.connection, environment: ["PURSER_TIME_ZONE": tokyo])
        #expect(server.log.contains("time_zone=\(tokyo)"))
        // While a server runs, which may write at any moment, the zone stays.
        let refused = try await migrate(own, "--time-zone", berlin)
        refused.expect(1, output: false)
        #expect(refused.errors.contains(tokyo) && refused.errors.contains(berlin))
        let team = try await Team(on: server)
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("z-1")))
        server.process.signal(SIGTERM)
        #expect(try await server.process.ended(atMostSeconds: 60).exitCode == 0)

        try await migrate(own, "--time-zone", berlin).expect(1)
        let other = try await migrate(own, zone: berlin)
        other.expect(1, output: false)
        #expect(other.errors.contains(tokyo) && other.errors.contains(berlin))
        let directoryOfOther = try ScratchDirectory()
        let started = try PurserServer.start(
            in: directoryOfOther, database: own.connection, environment: ["PURSER_TIME_ZONE": berlin])
        #expect(try await started.ended(atMostSeconds: 60).exitCode == 1)
        let errors = directoryOfOther.text("serve.err")
        #expect(errors.contains(tokyo) && errors.contains(berlin), "\(errors)")
        let again = try await PurserServer(
            in: try ScratchDirectory(), database: own.connection, environment: ["PURSER_TIME_ZONE": tokyo])
        let month = ReportTests.month
        let report = try await again.admin.json("GET", "/v1/reports/monthly?month=\(month)")
        #expect(try report.text("time_zone") == tokyo)
    }

    @Test("verify prints what clients have sent so that a terminal shows it and does nothing else")
    func printable() async throws {
        let own = try await OwnDatabase()
        try await Command.run(["migrate", "--database-url", own.connection], as: nil).expect(0)
        let server = try await PurserServer(in: try ScratchDirectory(), database: own.connection)
        let team = try await Team(on: server)
        let event =
            #"{"events":[{"id":"e","team":"\#(team.name)","model":"m\u009b31m\u202e","usage":{"input_tokens":1}}]}"#
        #expect(try await team.admin.json("POST", "/v1/usage", event)["accepted"]?.integer == 1)
        try await own.execute("UPDATE rollup SET calls = calls + 1")
        let verify = try await Command.run(["verify", "--database-url", own.connection], as: nil)
        verify.expect(1, output: true)
        #expect(verify.output.contains(#"m\u{9b}31m\u{202e}"#))
        #expect(!verify.output.unicodeScalars.contains { $0 == "\u{9b}" || $0 == "\u{202e}" })
    }
}
