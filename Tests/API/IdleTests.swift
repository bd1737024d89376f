import Foundation
import JSON
import Testing

/// A server without work does next to nothing, whatever it did before.
@Suite struct IdleTests {
    /// What a server does in some seconds without requests.
    private struct Activity: CustomStringConvertible {
        let statements: Double
        let wakeUps: Double
        let processorNanoseconds: Double

        var description: String {
            "\(statements) statements, \(wakeUps) wake-ups, \(processorNanoseconds / 1e6) ms of processor time"
        }
    }

    private static let measuredSeconds = 5

    private func activity(of server: PurserServer) async throws -> Activity {
        func look() async throws -> Activity {
            let metrics = try await server.admin.send("GET", "/metrics").text
            return Activity(
                statements: Self.sum("purser_database_statements_total", in: metrics),
                wakeUps: Self.sum("purser_wakeups_total", in: metrics),
                processorNanoseconds: try Self.processorNanoseconds(of: server.process))
        }
        let before = try await look()
        try await Task.sleep(for: .seconds(Self.measuredSeconds))
        let after = try await look()
        return Activity(
            statements: after.statements - before.statements, wakeUps: after.wakeUps - before.wakeUps,
            processorNanoseconds: after.processorNanoseconds - before.processorNanoseconds)
    }

    private static func sum(_ metric: String, in text: String) -> Double {
        text.split(separator: "\n").filter { $0.hasPrefix(metric) }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }

    /// The processor time of all threads of the process, as the scheduler counts it.
    private static func processorNanoseconds(of process: ChildProcess) throws -> Double {
        let tasks = "/proc/\(try #require(process.processID))/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).compactMap { task in
            (try? String(contentsOfFile: "\(tasks)/\(task)/schedstat", encoding: .utf8))
                .flatMap { $0.split(separator: " ").first }.flatMap { Double($0) }
        }.reduce(0, +)
    }

    @Test(
        "a server is as idle after everything as before it",
        arguments: [
            "nobody to tell", #"{"team":"TEAM","webhook":"http://127.0.0.1:9/nobody-is-there"}"#,
        ])
    func afterEverything(alert: String) async throws {
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
        try await Command.run(
            ["price", "import", "\(PurserBinary.repository)/pricing/anthropic.yaml"], as: server.admin
        )
        .expect(0)
        try await Task.sleep(for: .seconds(3))
        let fresh = try await activity(of: server)

        let team = try await Team(on: server)
        if alert.hasPrefix("{") {
            _ = try await server.admin.json(
                "PUT", "/v1/alerts/oncall", alert.replacing("TEAM", with: team.name), status: 201)
        }
        try await everything(by: team)
        try await Task.sleep(for: .seconds(3))
        let later = try await activity(of: server)

        #expect(fresh.statements > 0 && fresh.wakeUps > 0, "nothing was measured: \(fresh)")
        // The server now and then retries an alert that nobody receives.
        let retries = 10.0
        #expect(later.statements <= fresh.statements * 1.5 + retries, "\(later), and before \(fresh)")
        #expect(later.wakeUps <= fresh.wakeUps * 1.5 + retries, "\(later), and before \(fresh)")
        #expect(later.processorNanoseconds <= fresh.processorNanoseconds * 4, "\(later), and before \(fresh)")
    }

    /// Makes requests of every kind. Calls are admitted, denied, settled, voided and left open; a settlement is
    /// refused; usage and prices are imported; configuration is changed and removed; reports are read. The spending
    /// crosses each threshold.
    private func everything(by team: Team) async throws {
        let admin = team.admin
        try await team.setBudget(limit: "0.05", more: #","alert_at":[0.1,0.5,1.0],"downgrade_at":0.8"#)
        _ = try await admin.send(
            "PUT", "/v1/ladders/\(team.name)", #"{"models":["claude-opus-4-5","claude-haiku-4-5"]}"#)
        for number in 0..<8 {
            let verdict = try await team.authorize("call-\(number)")
            guard let hold = verdict["hold_id"]?.string else { continue }
            switch number {
            case 1: _ = try await admin.json("POST", "/v1/void", #"{"hold_id":"\#(hold)"}"#)
            case 2: break
            default: _ = try await admin.json("POST", "/v1/settle", Team.settlement(hold))
            }
        }
        _ = try await admin.send("POST", "/v1/settle", Team.settlement("no-such-hold"))
        let events = (0..<20).map { number in
            #"{"id":"e-\#(number)","source":"job","team":"\#(team.name)","model":"\#(number < 2 ? "not-priced" : "claude-opus-4-5")","usage":{"input_tokens":1200,"output_tokens":310}}"#
        }
        _ = try await admin.json("POST", "/v1/usage", #"{"events":[\#(events.joined(separator: ","))]}"#)
        _ = try await admin.json("POST", "/v1/quote", #"{"model":"claude-opus-4-5","usage":{"input_tokens":1}}"#)
        try await team.purser("price", "import", "\(PurserBinary.repository)/pricing/openai.yaml").expect(0)
        _ = try await admin.send("POST", "/v1/prices/rerate", #"{"from":"\#(ReportTests.month)-01"}"#)
        try await team.setBudget(limit: "0.06", more: #","alert_at":[0.1,0.5,1.0]"#, status: 200)
        for report in ["monthly", "budgets", "models", "verdicts", "credits", "invoice", "rerates"] {
            _ = try await admin.json("GET", "/v1/reports/\(report)")
        }
        _ = try await admin.send("GET", "/v1/budgets/nothing")
        _ = try await team.token("router")
        #expect(try await admin.send("DELETE", "/v1/ladders/\(team.name)").status == 204)
        #expect(try await team.entries().count > 20)
    }
}
