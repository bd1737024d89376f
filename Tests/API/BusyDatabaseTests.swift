import Foundation
import JSON
import Testing

/// Slow reports delay no verdict, no token and no change, and end with their clients.
@Suite struct BusyDatabaseTests {
    /// The files that ship with the program, and a report that takes a minute.
    private static func shareWithSlowReport() throws -> ScratchDirectory {
        let share = try ScratchDirectory()
        let files = FileManager.default
        for name in ["migrations", "pricing", "docs"] {
            try files.createSymbolicLink(
                atPath: "\(share.path)/\(name)", withDestinationPath: "\(PurserBinary.share)/\(name)")
        }
        try files.copyItem(atPath: "\(PurserBinary.share)/reports", toPath: "\(share.path)/reports")
        let report = "-- title: Slow\n-- column slept: Slept\nSELECT 'a while' AS slept FROM pg_sleep(59)\n"
        try report.write(toFile: "\(share.path)/reports/slow.sql", atomically: false, encoding: .utf8)
        return share
    }

    private static func running(_ database: OwnDatabase) async throws -> Int {
        try await database.rows(
            """
            SELECT 1 FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(59)%'
                AND pid <> pg_backend_pid()
            """
        ).count
    }

    private func slowReports(
        _ count: Int, _ server: PurserServer, _ database: OwnDatabase
    ) async throws -> [RawConnection] {
        let connections = try (0..<count).map { _ in try RawConnection(to: server.url) }
        for connection in connections { try connection.send(RawConnection.request("GET", "/v1/reports/slow")) }
        try await Eventually.holds("no report runs") { try await Self.running(database) >= min(count, 3) }
        return connections
    }

    @Test("slow reports delay no new token, verdict, settlement or change, and end when their clients go away")
    func slow() async throws {
        let share = try Self.shareWithSlowReport()
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(
            in: try ScratchDirectory(), database: database.connection, environment: ["PURSER_SHARE": share.path])
        let team = try await Team(on: server)
        let reports = try await slowReports(4, server, database)

        let router = try await team.token("router")
        try await team.setBudget()
        let hold = try await router.json("POST", "/v1/authorize", team.call("b-1")).text("hold_id")
        _ = try await router.json("POST", "/v1/settle", Team.settlement(hold))
        try await team.setBudget(limit: "600", status: 200)
        #expect(try await team.budget().money("spent_usd") == Decimal(string: "0.01375"))
        #expect(try await Self.running(database) == 3)

        // The fourth report has waited for too long.
        try await Eventually.holds("nobody is told that the reports are busy") {
            let refused = try await server.admin.send("GET", "/v1/teams")
            guard refused.status == 503 else { return false }
            #expect(refused.header("Retry-After") == "1")
            return try refused.json.text("detail").contains("all 3 database connections for reports were in use")
        }
        for report in reports.prefix(3) { report.end() }
        try await Self.waitForNone(database)
        #expect(try await server.admin.send("GET", "/v1/teams").status == 200)
        withExtendedLifetime(reports) {}

        // On a slow machine the first reports may have come to their own end meanwhile.
        let before = try await Self.cancellations(server)
        for report in try await slowReports(3, server, database) { report.end() }
        try await Self.waitForNone(database)
        #expect(try await Self.cancellations(server) == before + 3)
    }

    private static func waitForNone(_ database: OwnDatabase) async throws {
        try await Eventually.holds("reports of clients that went away run on") { try await running(database) == 0 }
    }

    private static func cancellations(_ server: PurserServer) async throws -> Int {
        let text = try await server.admin.send("GET", "/metrics").text
        let name = #"purser_database_pool_cancellations_total{pool="reports"} "#
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return try #require(line.flatMap { Int($0.dropFirst(name.utf8.count)) })
    }

    @Test("a client that has closed its side and waits gets its answer, after interim ones that say so")
    func halfClosed() async throws {
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
        try await database.locking("team") { unlock in
            let connection = try RawConnection(to: server.url)
            try connection.send(RawConnection.request("GET", "/v1/teams"))
            connection.closeOutput()
            let interim = "HTTP/1.1 102 Processing\r\n\r\n"
            #expect(try connection.receive().map { String(decoding: $0, as: UTF8.self) } == interim)
            try await unlock()
            let rest = try connection.receiveToEnd().replacing(interim, with: "")
            #expect(rest.hasPrefix("HTTP/1.1 200"), "\(rest)")
        }
    }

    @Test("every session of a server, of migrate and of verify says what it is for")
    func sessions() async throws {
        let database = try await OwnDatabase.migrated()
        try await database.locking("ledger") { unlock in
            let verify = Task { try await Command.run(["verify", "--database-url", database.connection], as: nil) }
            try await Eventually.holds("verify does not say what it is") {
                try await database.rows(
                    "SELECT 1 FROM pg_stat_activity WHERE application_name = 'purser verify'"
                ).count == 1
            }
            try await unlock()
            try await verify.value.expect(0)
        }
        let server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
        let team = try await Team(on: server)
        try await team.setBudget()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(try await team.hold("s-1")))
        try await Eventually.holds("a session does not say what it is for") {
            try await database.rows(
                """
                SELECT application_name FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """
            ).sorted()
                == [
                    "changes", "changes", "control", "heartbeat", "leases", "listener", "lookups", "maintenance",
                    "reports",
                    "reports", "reports", "writer",
                ].map { "purser \($0)" }
        }
    }
}
