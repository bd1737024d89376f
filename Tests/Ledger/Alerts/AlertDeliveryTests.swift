import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("The delivery of alerts") struct AlertDeliveryTests {
    /// Two channels, each with three alerts that are due.
    private func withDueAlerts(_ body: (LedgerFixture, Connection) throws -> Void) async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 100, alertAt: [10, 20, 30])]) { fixture in
            let connection = try fixture.connect()
            for name in ["a", "b"] {
                _ = try AlertChannelStore.put(
                    name: name, team: "t", url: "https://ops.example/", newSecret: "s", connection)
            }
            let replica = try fixture.replica()
            #expect(await replica.report(LedgerFixture.event("e", replica, tokens: 10)).word == "recorded")
            await replica.drain()
            #expect(try fixture.count("alert_delivery") == 6)
            try body(fixture, connection)
        }
    }

    private func claim(_ connection: Connection, working: Int64 = 9, failing: Int64 = 9) throws -> [DueAlert] {
        try AlertDeliveryStore.claim(working: working, failing: failing, connection)
    }

    private func fail(
        _ alert: DueAlert, retryAfterSeconds: Int64? = 0, pauseSeconds: Int64 = 0, _ connection: Connection
    )
        throws
    {
        try AlertDeliveryStore.failed(
            alert, problem: "no", retryAfterSeconds: retryAfterSeconds, pauseSeconds: pauseSeconds, connection)
    }

    @Test("is claimed by one server at a time, an alert of each channel, until its outcome is noted") func claims()
        async throws
    {
        try await withDueAlerts { fixture, connection in
            let other = try fixture.connect()
            let first = try claim(connection)
            #expect(first.map(\.channel.name).sorted() == ["a", "b"])
            #expect(try claim(other).isEmpty && claim(connection).isEmpty)
            // One channel is slow. The other goes on with its next alert.
            let ofB = try #require(first.first { $0.channel.name == "b" })
            try AlertDeliveryStore.delivered(ofB, connection)
            let second = try claim(other)
            #expect(second.map(\.channel.name) == ["b"] && second[0].alertID != ofB.alertID)
            // Longer than an attempt takes. Servers of the version before wait as long.
            try connection.execute("UPDATE alert_channel SET next_attempt_at = next_attempt_at - interval '60 seconds'")
            #expect(try claim(connection).isEmpty)
            #expect(
                try fixture.count(
                    "alert_delivery",
                    where: "delivered_at IS NULL AND next_attempt_at > now() + interval '60 seconds'") == 2)
        }
    }

    @Test("counts attempts whose outcome is known, and no others") func attempts() async throws {
        try await withDueAlerts { fixture, connection in
            let cut = try claim(connection)
            #expect(cut.count == 2)
            for alert in cut { try AlertDeliveryStore.release(alert, connection) }
            #expect(try fixture.count("alert_delivery", where: "attempts <> 0 OR given_up_at IS NOT NULL") == 0)
            #expect(try claim(connection).map(\.failedAttempts) == [0, 0])
            // The claims run out without a word.
            try connection.execute("UPDATE alert_channel SET next_attempt_at = now()")
            try connection.execute("UPDATE alert_delivery SET next_attempt_at = now()")
            let last = try claim(connection)
            #expect(last.map(\.failedAttempts) == [0, 0])
            try fail(last[0], connection)
            try fail(last[1], retryAfterSeconds: nil, connection)
            #expect(try fixture.count("alert_delivery", where: "attempts = 1") == 2)
            #expect(try fixture.count("alert_delivery", where: "given_up_at IS NOT NULL") == 1)
        }
    }

    @Test("to a channel that failed waits for its pause, in places of its own, and others do not") func places()
        async throws
    {
        try await withDueAlerts { fixture, connection in
            let ofA = try #require(try claim(connection).first { $0.channel.name == "a" })
            try fail(ofA, pauseSeconds: 60, connection)
            #expect(try claim(connection).isEmpty)
            try connection.execute("UPDATE alert_channel SET next_attempt_at = now()")
            try connection.execute("UPDATE alert_delivery SET next_attempt_at = now() WHERE delivered_at IS NULL")
            #expect(try claim(connection, working: 9, failing: 0).map(\.channel.name) == ["b"])
            let again = try claim(connection, working: 0, failing: 9)
            #expect(again.map(\.channel.name) == ["a"] && again[0].channelFailures == 1)
            try AlertDeliveryStore.delivered(again[0], connection)
            #expect(try claim(connection, working: 9, failing: 0).map(\.channelFailures) == [0])
        }
    }

    @Test("gives up what is days old when its channel still fails") func stale() async throws {
        try await withDueAlerts { fixture, connection in
            try connection.execute("UPDATE alert SET crossed_at = now() - interval '4 days'")
            try fail(try claim(connection)[0], retryAfterSeconds: 600, connection)
            #expect(try fixture.count("alert_delivery", where: "given_up_at IS NOT NULL AND attempts = 0") == 2)
            #expect(try fixture.count("alert_delivery", where: "given_up_at IS NULL") == 4)
        }
    }
}
