import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A check of a month") struct MonthCheckTests {
    /// What was done to a month that is otherwise ready, and which check says so.
    struct Flaw: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let code: String
        let status: MonthCheck.Status
        let says: String
        let make: @Sendable (LedgerFixture, Connection, Replica) async throws -> Void
    }

    static let flaws = [
        Flaw(testDescription: "a call without a price", code: "unpriced", status: .fail, says: "1 call has no price") {
            fixture, _, replica in
            try await fixture.book(["n"], in: PastMonth.last, replica, model: "unknown")
            try fixture.connect().execute(
                "INSERT INTO reconciliation_waiver VALUES (\(PastMonth.last.firstDay), 'unknown', 'test', now(), 'r')"
            )
        },
        Flaw(
            testDescription: "a call that nobody settled", code: "unsettled", status: .fail,
            says: "1 call was never settled"
        ) { _, connection, _ in
            try connection.execute(
                """
                INSERT INTO unsettled (kind, replica_id, hold_number, team, authorized_at, amount)
                VALUES ('hold', 1, 1, 't', \(PastMonth.last.noon()), 50)
                """)
        },
        Flaw(testDescription: "an open dispute", code: "disputed", status: .fail, says: "1 dispute is open") {
            _, _, replica in
            let event = LedgerFixture.event("a", replica, tokens: 99, at: PastMonth.last.noon())
            #expect(await replica.report(event).word == "conflict")
        },
        Flaw(
            testDescription: "a provider without an invoice", code: "reconciled", status: .fail,
            says: "Neither reconciled nor waived: other."
        ) { _, connection, _ in
            try connection.book(5, on: PastMonth.last.firstDay.description, provider: "other")
            // The sum has no entry, which the check of the ledger says too.
        },
        Flaw(
            testDescription: "calls that named no provider", code: "reconciled", status: .fail,
            says: "Neither reconciled nor waived: unknown."
        ) { _, connection, _ in try connection.book(5, on: PastMonth.last.firstDay.description, provider: "") },
        Flaw(
            testDescription: "too much without a cost centre", code: "cost_center", status: .fail,
            says: "9.1 % of the spend"
        ) { fixture, connection, replica in
            _ = try TeamStore.create("u", connection)
            try await fixture.book(["u"], in: PastMonth.last, replica, tokens: 1, who: Attribution(team: "u"))
        },
        Flaw(testDescription: "a little without a cost centre", code: "cost_center", status: .warn, says: "4.8 %") {
            fixture, connection, replica in
            _ = try TeamStore.create("u", connection)
            try await fixture.book(["b"], in: PastMonth.last, replica)
            try await fixture.book(["u"], in: PastMonth.last, replica, tokens: 1, who: Attribution(team: "u"))
        },
        Flaw(testDescription: "usage that came just now", code: "late_arrivals", status: .fail, says: "1 entry") {
            _, _, replica in
            let event = LedgerFixture.event("late", replica, at: PastMonth.last.noon())
            #expect(await replica.report(event).word == "recorded")
        },
        Flaw(testDescription: "usage that came today", code: "late_arrivals", status: .warn, says: "1 entry") {
            _, _, replica in
            var event = LedgerFixture.event("late", replica, at: PastMonth.last.noon())
            event.recordedAt = SystemClock.wallTime().adding(seconds: -7_200)
            #expect(await replica.report(event).word == "recorded")
        },
        Flaw(
            testDescription: "a hold that may be open", code: "late_arrivals", status: .fail, says: "may be open until"
        ) {
            _, connection, replica in
            _ = try await replica.hold("open")
            try connection.execute("UPDATE lease SET longest_hold_seconds = 86400 * 100")
        },
        Flaw(testDescription: "an entry that was changed", code: "chain", status: .fail, says: "does not hold") {
            _, connection, _ in
            try connection.executeScript(
                "ALTER TABLE ledger DISABLE TRIGGER append_only; UPDATE ledger SET region = 'x'")
        },
    ]

    /// What has failed beside one check, and beside that of the ledger, which fails where a sum has no entry.
    private static func failed(_ checks: [MonthCheck], besides code: String) -> [String] {
        var codes: [String] = []
        for check in checks where check.status == .fail && check.code != code && check.code != "chain" {
            codes.append(check.code)
        }
        return codes
    }

    @Test("finds what is to be done first, and says it", arguments: flaws)
    func found(_ flaw: Flaw) async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let replica = try fixture.replica()
            try await fixture.book(["a"], in: PastMonth.last, replica)
            try fixture.makeReady(PastMonth.last)
            try await flaw.make(fixture, try fixture.connect(), replica)
            let findings = try await LedgerFixture.close(PastMonth.last).dryRun(replica.database)
            let check = try #require(findings.first?.checks.first { $0.code == flaw.code })
            #expect(check.status == flaw.status && check.message.contains(flaw.says), "\(check)")
            #expect(Self.failed(findings[0].checks, besides: flaw.code) == [])
            #expect(try !fixture.details(PastMonth.last).record.isClosed)
            await replica.drain()
        }
    }
}
