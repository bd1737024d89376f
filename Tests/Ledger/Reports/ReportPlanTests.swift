import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite struct ReportPlanTests {
    /// Most entries are calls, a few of them corrected.
    private static let months = [CalendarMonth(text: "2026-09")!, CalendarMonth(text: "2026-10")!]

    private func fill(_ connection: Connection, corrections: String = "adjustment") throws {
        for month in Self.months {
            try connection.execute("SELECT ensure_month(\(month.firstDay))")
            try connection.execute(
                """
                INSERT INTO ledger (entry_id, booking_month, kind, corrects_entry_id, occurred_at, recorded_at, day, source,
                    request_id, attempt, team, tag_keys, tag_values, requested_model, provider, model, service_tier, status,
                    meters, quantities, price_ids, input_tokens, output_tokens, residual_tokens, currency, window_ids,
                    batch_replica_id, batch_number)
                SELECT \(Int64(month.number)) * 100000 + n, \(month.firstDay), CASE WHEN corrects IS NULL THEN 'usage' ELSE \(corrections) END,
                    corrects, now(), now(), \(month.firstDay)::date + (n % 28)::int, 'job', 'r', 1, 't' || n % 10, '{}', '{}',
                    'm', 'p', 'm', 'standard', 'ok', '{}', '{}', '{}', 0, 0, 0, 'USD', '{}', 0, 1
                FROM generate_series(1::bigint, 20000) AS n, LATERAL (SELECT CASE WHEN n % 500 = 0 THEN n - 1 END AS corrects) c
                """)
        }
        try connection.executeScript("ANALYZE")
    }

    /// What reports are asked for beside a month and a team.
    private static let values: [[String: [String]]] = [
        [:], ["group_by": ["team", "day"]], ["group_by": ["user"]],
        ["group_by": ["tag:customer"], "tag:env": ["prod"]],
    ]

    @Test("no report reads the entries of a month", arguments: [nil, "t1"])
    func plans(team: String?) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try fill(connection)
            for report in try ReportCatalog(LedgerFixture.resources).definitions {
                for values in report.name == "spend" ? Self.values : [[:]] {
                    let query = ReportQuery(ReportRange(Self.months[1]), team: team, values: values)
                    let plan = try connection.plan(of: report.statement(query))
                    // A month without entries costs nothing to read.
                    for month in Self.months {
                        let partition = "ledger_\(month.description.replacing("-", with: "_"))"
                        #expect(!plan.contains("Seq Scan on \(partition)"), "\(report.name): \(plan)")
                    }
                    guard plan.contains(" on ledger") else { continue }
                    // Corrections, the providers' own costs, and what is behind the fences of sums have indexes.
                    let indexes = [
                        "corrects_entry_id_idx", "ledger_correction", "provider_cost_nanodollars",
                        "(entry_id > GREATEST(",
                    ]
                    #expect(indexes.contains { plan.contains($0) }, "\(report.name): \(plan)")
                }
            }
        }
    }

    @Test("sums by user, run and tags are read only where a report asks for one of these", arguments: values)
    func details(values: [String: [String]]) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let spend = try #require(try ReportCatalog(LedgerFixture.resources).definition("spend"))
            let query = ReportQuery(ReportRange(Self.months[1]), values: values)
            let plan = try connection.plan(of: spend.statement(query))
            let asks = values["group_by"]?.contains { $0 == "user" || $0.hasPrefix("tag:") } ?? false
            #expect(plan.contains("detail_sum") == asks && plan.contains("rollup") != asks, "\(plan)")
        }
    }

    @Test("no portion of the sums of estimates reads the entries of a month") func estimateSums() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try fill(connection, corrections: "reversal")
            let first = Int64(Self.months[1].number) * 100_000
            let plan = try connection.plan(of: EstimateSums.add(after: first, upTo: first + 1_000))
            for month in Self.months {
                let partition = "ledger_\(month.description.replacing("-", with: "_"))"
                #expect(!plan.contains("Seq Scan on \(partition)"), "\(plan)")
            }
        }
    }
}
