import Foundation
import JSON
import Testing

@Suite struct AlertDeliveryTests {
    @Test("receivers that never answer delay nobody else, and a shutdown cuts them short without counting an attempt")
    func silentReceivers() async throws {
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
        try await Command.run(
            ["price", "import", "\(PurserBinary.repository)/pricing/anthropic.yaml"], as: server.admin
        ).expect(0)
        let silent = try SilentListener()
        // Nobody listens there, so this receiver fails at once.
        let (slow, quick) = (try await Team(on: server), try await Team(on: server))
        for number in 0..<30 {
            try await Self.add("slow-\(number)", slow, port: silent.port)
        }
        try await Self.add("quick", quick, port: 9)
        try await Self.cross(slow)
        try await Eventually.holds("the slow receivers are not tried") {
            await Self.finds("next_attempt_at > now() + interval '60 seconds'", 30, database)
        }
        try await Self.cross(quick)
        try await Eventually.holds("an alert waits for the receivers of others") {
            await Self.finds("channel = 'quick' AND last_problem IS NOT NULL AND attempts > 0", 1, database)
        }
        #expect(await Self.finds("channel <> 'quick' AND last_problem IS NULL AND attempts = 0", 30, database))
        server.process.signal(SIGTERM)
        let end = try await server.process.ended(atMostSeconds: 60)
        #expect(end.exitCode == 0, "\(server.log)")
        #expect(await Self.finds("channel <> 'quick' AND attempts = 0 AND last_problem IS NULL", 30, database))
        #expect(await Self.finds("next_attempt_at <= now() AND channel <> 'quick'", 30, database), "claims are kept")
    }

    private static func add(_ name: String, _ team: Team, port: Int) async throws {
        _ = try await team.admin.json(
            "PUT", "/v1/alerts/\(name)", #"{"team":"\#(team.name)","webhook":"http://127.0.0.1:\#(port)/"}"#,
            status: 201)
    }

    /// Has the team's budget cross a threshold.
    private static func cross(_ team: Team) async throws {
        try await team.setBudget(limit: "0.02", more: #","alert_at":[0.5]"#)
        let event =
            #"{"id":"e-\#(team.name)","source":"job","team":"\#(team.name)","model":"claude-opus-4-5","usage":{"input_tokens":1200,"output_tokens":310}}"#
        let answer = try await team.admin.json("POST", "/v1/usage", #"{"events":[\#(event)]}"#)
        #expect(try answer.list("rejected").isEmpty)
    }

    /// Whether so many deliveries satisfy a condition.
    private static func finds(_ condition: String, _ count: Int, _ database: OwnDatabase) async -> Bool {
        let statement = "SELECT 1 / (count(*) = \(count))::int FROM alert_delivery WHERE \(condition)"
        return (try? await database.execute(statement)) != nil
    }
}
