import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A verification") struct VerificationTests {
    /// Three batches of two entries each, written by one replica and charged to budgets. A credit pays a part.
    private func withLedger(_ body: (LedgerFixture) throws -> Void) async throws {
        let budgets = [LedgerFixture.budget(limit: 1_000_000), LedgerFixture.budget("calls", limit: 100, unit: .calls)]
        try await LedgerFixture.with(budgets) { fixture in
            let replica = try fixture.replica()
            try fixture.connect().addCredit("c", 300)
            for number in 0..<3 {
                let hold = try await replica.hold("r\(number)", tokens: 50)
                #expect(await replica.settle(hold, tokens: 20).word == "recorded")
                var event = LedgerFixture.event("e\(number)", replica, ["opus", "haiku", "new"][number])
                event.usage = Usage(
                    format: .purser, quantities: event.usage.quantities, raw: nil, residualTokens: 0,
                    warnings: [CallWarning(.unreadFields, "what was told")])
                #expect(await replica.report(event).word == "recorded")
            }
            let connection = try fixture.connect()
            while try DetailSums.fold.run(takesSmall: true, connection).entries > 0 {}
            try MeterSums.foldAll(connection)
            try fixture.expectNoProblems()
            try body(fixture)
            await replica.drain()
        }
    }

    /// Changes that somebody makes to the database, and the claims that no longer hold.
    static let tamperings: [(statement: String, claims: [String])] = [
        ("UPDATE ledger SET region = 'x' WHERE request_id = 'r1'", ["the chain of batches is whole"]),
        ("UPDATE ledger SET request_id = 'r9' WHERE request_id = 'r1'", ["the chain of batches is whole"]),
        (
            "UPDATE ledger SET effective_cost_nanodollars = 1, list_cost_nanodollars = 1 WHERE request_id = 'r1'",
            ["the chain of batches is whole", "every entry costs what its prices say"]
        ),
        ("DELETE FROM ledger WHERE request_id = 'r1'", ["the chain of batches is whole"]),
        ("DELETE FROM ledger WHERE request_id = 'e2'", ["the chain of batches is whole"]),
        ("DELETE FROM batch WHERE number = 2", ["the chain of batches is whole"]),
        ("WITH gone AS (DELETE FROM ledger) DELETE FROM batch", ["the chain of batches is whole"]),
        ("UPDATE batch SET last_entry_id = first_entry_id - 1 WHERE number = 2", ["the chain of batches is whole"]),
        ("UPDATE batch SET last_entry_id = last_entry_id + 1 WHERE number = 2", ["the chain of batches is whole"]),
        ("UPDATE batch SET entry_count = 0 WHERE number = 2", ["the chain of batches is whole"]),
        ("DELETE FROM batch WHERE number = 1", ["the chain of batches is whole"]),
        ("DELETE FROM batch WHERE number = (SELECT max(number) FROM batch)", ["the chain of batches is whole"]),
        ("UPDATE batch SET hash = sha256('x') WHERE number = 2", ["the chain of batches is whole"]),
        (
            """
            INSERT INTO ledger SELECT (l).* FROM (
                SELECT jsonb_populate_record(NULL::ledger, to_jsonb(ledger) || '{"entry_id": 7, "request_id": "x"}') AS l
                FROM ledger WHERE request_id = 'r0') s
            """, ["the chain of batches is whole"]
        ),
        (
            "UPDATE price SET femtodollars_per_unit = femtodollars_per_unit + 1000000",
            ["every entry costs what its prices say"]
        ),
        (
            "UPDATE rollup SET effective_cost_nanodollars = effective_cost_nanodollars + 1",
            ["every daily sum is the sum of its entries"]
        ),
        ("DELETE FROM rollup WHERE model = 'new'", ["every daily sum is the sum of its entries"]),
        (
            "UPDATE meter_sum SET effective_cost_femtodollars = effective_cost_femtodollars + 0.5",
            ["every sum of a meter is that of its entries, at their prices"]
        ),
        ("DELETE FROM meter_sum WHERE meter = ''", ["every sum of a meter is that of its entries, at their prices"]),
        ("UPDATE meter_sum SET team = 'other'", ["every sum of a meter is that of its entries, at their prices"]),
        (
            "UPDATE price SET femtodollars_per_unit = femtodollars_per_unit + 1",
            ["every sum of a meter is that of its entries, at their prices"]
        ),
        ("UPDATE usage_warning_sum SET calls = calls + 1", ["every count of warnings is that of the entries"]),
        ("DELETE FROM usage_warning_sum WHERE model = 'new'", ["every count of warnings is that of the entries"]),
        ("UPDATE usage_warning_sum SET team = 'other'", ["every count of warnings is that of the entries"]),
        ("UPDATE budget_window SET spent = spent + 1", ["every budget window has spent what its entries cost"]),
        (
            "UPDATE budget_window SET opening_spent = 5 WHERE leased > 0",
            ["every budget window has spent what its entries cost"]
        ),
        ("UPDATE budget_window SET leased = leased + 1", ["what windows have leased is what replicas hold"]),
        ("UPDATE lease SET amount = amount + 1", ["what windows have leased is what replicas hold"]),
        (
            "UPDATE entry_key SET cost_nanodollars = 1 WHERE id = 'r1'",
            ["every id has one entry, with the cost that was answered"]
        ),
        ("DELETE FROM entry_key WHERE id = 'r1'", ["every id has one entry, with the cost that was answered"]),
        (
            "INSERT INTO entry_key SELECT 'source:job', 'x', digest, 1, 1, 0, model FROM entry_key WHERE id = 'r1'",
            ["every id has one entry, with the cost that was answered"]
        ),
        (
            "UPDATE entry_key SET entry_id = 1 WHERE id = 'r1'",
            ["every id has one entry, with the cost that was answered"]
        ),
    ]

    /// The ledger was verified before: what was right then is looked at again all the same.
    @Test("finds what was tampered with, in however small ranges it reads", arguments: tamperings)
    func tampering(statement: String, claims: [String]) async throws {
        try await withLedger { fixture in
            let connection = try fixture.connect()
            for table in ["ledger", "batch", "price"] {
                try connection.executeScript("ALTER TABLE \(table) DISABLE TRIGGER append_only")
            }
            let changed = try connection.execute(SQL(unescaped: statement))
            #expect(changed > 0)
            let findings = try Verification.run(connection, entriesAtOnce: 1).checks
            for claim in claims {
                let finding = try #require(findings.first { $0.claim == claim })
                #expect(!finding.problems.isEmpty, "\(claim)")
                #expect(finding.problems.count <= 10)
            }
        }
    }

    @Test("is needed for those who disable the triggers: the ledger refuses changes")
    func appendOnly() async throws {
        try await withLedger { fixture in
            let connection = try fixture.connect()
            for statement in [
                "UPDATE ledger SET region = 'x'", "DELETE FROM ledger", "UPDATE batch SET entry_count = 9",
                "DELETE FROM batch", "UPDATE budget_history SET changed_by = 'x'",
            ] {
                let error = #expect(throws: PostgresError.self) { try connection.execute(SQL(unescaped: statement)) }
                #expect(error?.sqlState == "23001")
            }
            let checks = try Verification.run(connection).checks
            // No month is closed here: see MonthTamperingTests.
            let unused = checks.filter { $0.checked == 0 }.map(\.claim)
            #expect(unused == ["every closed month is what its statement says"])
            #expect(checks.count >= 6)
        }
    }

    @Test("agrees with the reports, whose totals are the ledger's")
    func reports() async throws {
        try await withLedger { fixture in
            let connection = try fixture.connect()
            let catalog = try ReportCatalog(LedgerFixture.resources)
            #expect(Set(catalog.definitions.map(\.name)).isSuperset(of: ["monthly", "budgets", "models", "verdicts"]))
            let month = SystemClock.wallTime().day.month
            let (cost, calls, input) = try connection.query(
                """
                SELECT sum(effective_cost_nanodollars)::bigint, count(*), sum(input_tokens)::bigint FROM ledger
                WHERE booking_month = \(month.firstDay)
                """)[0].decode((Int64, Int64, Int64).self)
            #expect(cost == 3 * 200 + 100 + 10)
            for name in ["monthly", "models"] {
                let report = try #require(catalog.definition(name)).run(month: month, team: nil, connection)
                func total(_ column: String) throws -> String {
                    let index = try #require(report.columns.firstIndex { $0.name == column })
                    return try #require(report.totals?[index]).text
                }
                #expect(try total("cost_usd") == Money(nanodollars: cost).usd)
                #expect(try total("calls") == String(calls))
                #expect(try total("input_tokens") == String(input))
                #expect(try total("unpriced_calls") == "1")
                let none = try #require(catalog.definition(name)).run(month: month, team: "other", connection)
                #expect(none.rows.isEmpty)
                let earlier = CalendarMonth(number: month.number - 1)
                #expect(try #require(catalog.definition(name)).run(month: earlier, team: nil, connection).rows.isEmpty)
            }
            let budgets = try #require(catalog.definition("budgets")).run(month: month, team: "t", connection)
            #expect(budgets.rows.count == 2)
            #expect(budgets.rows[0].map(\.text).contains(Money(nanodollars: cost).usd))
        }
    }
}
