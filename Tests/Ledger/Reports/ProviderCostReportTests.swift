import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("The report") struct ProviderCostReportTests {
    private static func rows(_ name: String, _ connection: Connection, team: String? = nil) throws -> [String] {
        let definition = try #require(try ReportCatalog(LedgerFixture.resources).definition(name))
        let month = Zone.utc.day(at: SystemClock.wallTime()).month
        return try definition.run(month: month, team: team, connection).rows.map { row in
            row.map(\.text).joined(separator: " ")
        }
    }

    @Test("of providers' costs compares theirs with ours, corrections included, and what has no price with nothing")
    func providerCost() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            let day = Zone.utc.day(at: SystemClock.wallTime())
            // One opus token costs 10 nanodollars.
            for (id, model, cost) in [
                ("equal", "opus", 100), ("more", "opus", 130), ("silent", "opus", nil), ("unpriced", "mystery", 70),
            ] as [(String, String, Int64?)] {
                var entry = LedgerFixture.event(id, replica, model)
                entry.providerCost = cost.map(Money.init(nanodollars:))
                #expect(await replica.report(entry).word == "recorded")
            }
            let mystery = "\(day)  mystery 1 0.00000007   0 1"
            #expect(
                try Self.rows("provider-cost", connection) == [
                    mystery, "\(day) maker opus 2 0.00000023 0.0000002 0.00000003 1 0",
                ])
            #expect(try Self.rows("provider-cost", connection, team: "u").isEmpty)

            var correction = LedgerFixture.event("more", replica)
            correction.kind = .adjustment
            correction.source = Correction.reratingSource
            correction.correctsEntryID = try connection.query(
                "SELECT entry_id FROM ledger WHERE request_id = 'more'")[0].decode(at: 0)
            correction.usage = LedgerFixture.usage(0)
            correction.rated = RatedCall(correction.rated, differsInList: .zero, inCost: Money(nanodollars: 30))
            #expect(await replica.report(correction).word == "recorded")
            #expect(
                try Self.rows("provider-cost", connection) == [
                    mystery, "\(day) maker opus 2 0.00000023 0.00000023 0 0 0",
                ])
            await replica.drain()
        }
    }

    @Test("of warnings counts each call once for each kind, whichever server or version booked it")
    func warnings() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let replicas = [try fixture.replica(), try fixture.replica()]
            for (index, replica) in replicas.enumerated() {
                for (id, codes) in [
                    ("a", [CallWarning.Code.unreadFields, .unreadFields, .totalDiffers]), ("b", [.unreadFields]),
                    ("c", []),
                ] as [(String, [CallWarning.Code])] {
                    var entry = LedgerFixture.event("\(id)-\(index)", replica)
                    entry.usage = Usage(
                        format: .purser, quantities: entry.usage.quantities, raw: nil, residualTokens: 0,
                        warnings: codes.map { CallWarning($0, "what was told") })
                    #expect(await replica.report(entry).word == "recorded")
                }
            }
            // As a server of the version before writes it.
            try connection.execute(
                """
                INSERT INTO entry_note (entry_id, warnings)
                SELECT entry_id, '[{"code":"null_counts"}]' FROM ledger WHERE request_id = 'c-1'
                """)
            #expect(
                try Self.rows("usage-warnings", connection) == [
                    "null_counts counts that the provider charges for are missing t maker opus 1",
                    "total_differs a total that differs from its parts t maker opus 2",
                    "unread_fields counts that nobody understood t maker opus 4",
                ])
            #expect(try fixture.count("usage_warning_sum") == 5)
            for replica in replicas { await replica.drain() }
        }
    }

    @Test("of warnings names every kind that a usage object may have")
    func everyKind() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            for code in CallWarning.Code.ofUsage {
                try connection.execute(
                    """
                    INSERT INTO usage_warning_sum VALUES
                        (date_trunc('month', now() AT TIME ZONE 'UTC'), 1, \(code.rawValue), 't', 'p', 'm', 1)
                    """)
            }
            let rows = try Self.rows("usage-warnings", connection)
            #expect(rows.count == CallWarning.Code.ofUsage.count)
            #expect(rows.allSatisfy { $0.count > 40 })
        }
    }
}
