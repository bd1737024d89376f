import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("The reports of credits") struct CreditReportTests {
    /// Two providers, two teams, credits for all teams and one for a single team. January is closed, February is not.
    private func withTwoMonths(_ body: (Connection) throws -> Void) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            _ = try TeamStore.create("u", connection)
            try connection.addCredit("wide", 1_000, until: "2026-03-01")
            try connection.addCredit("of-t", 100, from: "2026-01-02", team: "t", provider: "other", model: "haiku")
            try connection.addCredit("idle", 7, provider: "other", model: "opus")
            try connection.addCredit("later", 5, from: "2026-02-01")
            try connection.book(600, on: "2026-01-05")
            try connection.book(300, on: "2026-01-05", team: "u")
            try connection.book(30, on: "2026-01-05", provider: "other", model: "haiku")
            try connection.close("2026-01")
            try connection.book(150, on: "2026-01-31", in: "2026-02")
            try connection.book(80, on: "2026-02-01", provider: "other", model: "haiku")
            try body(connection)
        }
    }

    @Test("say of each what it had before a month, paid in it and has left, and until when it holds")
    func credits() async throws {
        try await withTwoMonths { connection in
            let january = [
                ["wide", "maker", "", "", "2026-01-01", "2026-03-01", "0.000001", "0.0000009", "0.0000001"],
                ["idle", "other", "opus", "", "2026-01-01", "", "0.000000007", "0", "0.000000007"],
                ["of-t", "other", "haiku", "t", "2026-01-02", "", "0.0000001", "0.00000003", "0.00000007"],
            ]
            #expect(try connection.report("credits", "2026-01") == january)
            #expect(
                try connection.report("credits", "2026-02") == [
                    ["later", "maker", "", "", "2026-02-01", "", "0.000000005", "0", "0.000000005"],
                    ["wide", "maker", "", "", "2026-01-01", "2026-03-01", "0.0000001", "0.0000001", "0"],
                    ["idle", "other", "opus", "", "2026-01-01", "", "0.000000007", "0", "0.000000007"],
                    ["of-t", "other", "haiku", "t", "2026-01-02", "", "0.00000007", "0.00000007", "0"],
                ])
            #expect(try connection.report("credits", "2025-12") == [])
            // A credit that has ended stays in the report only while something is booked for its days.
            #expect(try !connection.report("credits", "2026-03").contains { $0[0] == "wide" })
            try connection.close("2026-02")
            try connection.book(-900, on: "2026-01-05", in: "2026-03")
            try connection.book(-1, on: "2026-01-05", in: "2026-03", team: "u")
            #expect(
                try connection.report("credits", "2026-03").first { $0[0] == "wide" }?.suffix(3)
                    == ["0", "-0.000000601", "0.000000601"])
            // The report of a closed month stays as it was, even for a credit that is withdrawn later.
            try CreditStore.withdraw("idle", by: "test", connection)
            #expect(try connection.report("credits", "2026-01") == january)
            #expect(try !connection.report("credits", "2026-03").contains { $0[0] == "idle" })
        }
    }

    @Test("show a team the credits that are its alone, and of an invoice what its calls come to") func team()
        async throws
    {
        try await withTwoMonths { (connection) throws in
            #expect(try connection.report("credits", "2026-01", team: "t").map { $0[0] } == ["of-t"])
            #expect(try connection.report("credits", "2026-01", team: "u") == [])
            #expect(
                try connection.report("invoice", "2026-01", team: "t") == [
                    ["maker", "1", "0.0000006", "0.0000006", "0.0000006", "0", "0", "0"],
                    ["other", "1", "0.00000003", "0.00000003", "0.00000003", "0", "0", "0"],
                ])
            #expect(
                try connection.report("invoice", "2026-01", team: "u") == [
                    ["maker", "1", "0.0000003", "0.0000003", "0.0000003", "0", "0", "0"]
                ])
        }
    }

    @Test("say what each provider will invoice: what calls cost, less what credits pay") func invoice() async throws {
        try await withTwoMonths { connection in
            let january = [
                ["maker", "2", "0.0000009", "0.0000009", "0.0000009", "0", "0", "0"],
                ["other", "1", "0.00000003", "0.00000003", "0.00000003", "0", "0", "0"],
            ]
            #expect(try connection.report("invoice", "2026-01") == january)
            #expect(
                try connection.report("invoice", "2026-02") == [
                    ["maker", "1", "0.00000015", "0.00000015", "0.0000001", "0.00000005", "0", "0.00000015"],
                    ["other", "1", "0.00000008", "0.00000008", "0.00000007", "0.00000001", "0", "0"],
                ])
            try connection.book(-300, on: "2026-01-05", in: "2026-02", team: "u")
            #expect(try connection.report("invoice", "2026-01") == january)
            // The correction gives back 300. The late call uses 150 of them.
            #expect(
                try connection.report("invoice", "2026-02")[0] == [
                    "maker", "2", "-0.00000015", "-0.00000015", "-0.00000015", "0", "0", "-0.00000015",
                ])
        }
    }

    @Test("say that the cost of calls without a price is not known, and have no credit pay them")
    func unpriced() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            try connection.addCredit("c", 1_000, from: "2026-10-01", provider: "maker")
            let moment = Timestamp(rfc3339: "2026-10-20T12:00:00Z")!
            for (id, model) in [("a", "opus"), ("b", "nova")] {
                let event = LedgerFixture.event(id, replica, model, at: moment)
                #expect(await replica.report(event).word == "recorded")
            }
            #expect(
                try connection.report("invoice", "2026-10") == [
                    ["", "1", "", "", "0", "", "1", "0"],
                    ["maker", "1", "0.0000001", "0.0000001", "0.0000001", "0", "0", "0"],
                ])
            await replica.drain()
        }
    }
}
