import Accounting
import Postgres
import Pricing
import Testing

@testable import Ledger

/// One opus token costs 10 nanodollars, which are 10,000,000 femtodollars.
@Suite("Sums of meters") struct MeterSumTests {
    private static func event(_ id: String, _ replica: Replica, _ tokens: Int64) -> LedgerEntry {
        LedgerFixture.event(id, replica, tokens: tokens, at: Timestamp(rfc3339: "2026-10-05T12:00:00Z")!)
    }

    /// Meter, whether it is priced, quantities, exact costs and calls, without what has come to nothing.
    private func sums(_ fixture: LedgerFixture) throws -> [String] {
        let connection = try fixture.connect()
        try MeterSums.foldAll(connection)
        return try connection.query(
            """
            SELECT booking_month || ' ' || CASE WHEN meter = '' THEN 'entries' ELSE meter END || ' '
                || CASE WHEN is_priced THEN '' ELSE 'unpriced ' END || sum(quantity) || ' ' || sum(billed_quantity) || ' '
                || trim_scale(sum(list_cost_femtodollars)) || ' ' || trim_scale(sum(effective_cost_femtodollars)) || ' '
                || sum(calls) || ' ' || sum(effective_cost_nanodollars)
            FROM meter_sum GROUP BY booking_month, meter, is_priced
            HAVING bool_or(quantity <> 0 OR calls <> 0 OR effective_cost_nanodollars <> 0) ORDER BY 1
            """
        ).map { try $0.decode(at: 0) }
    }

    @Test("are exact: a batch costs half, a share its millionths, and a least quantity is billed") func exact()
        async throws
    {
        try await LedgerFixture.with { fixture in
            let file = try LedgerFixture.priceFile(
                of: "maker",
                """
                  whisper:
                    prices: [{from: 2020-01-01, each: {audio_input_seconds: {price: "0.000000000000003", least: 10}}}]
                  opus:
                    prices: [{from: 2026-01-01, standard: {input_tokens: "0.000000003"}}]

                """, isMaker: true)
            _ = try PriceStore.add([file], from: .asWritten, isDryRun: false, fixture.connect())
            let draft = AgreementDraft(
                name: "a", team: nil, provider: "maker", model: "opus",
                terms: .share(Fraction(millionths: 777_777)), validFrom: Timestamp(dayOrTime: "2026-01-01")!,
                validUntil: nil, note: "")
            _ = try AgreementStore.put(draft, changedBy: "test", fixture.connect())
            let replica = try fixture.replica()
            func book(_ id: String, _ model: String, _ meter: Meter, _ quantity: Int64, _ tier: ServiceTier) async {
                var entry = Self.event(id, replica, quantity)
                var quantities = Quantities()
                quantities.add(meter, quantity)
                (entry.model, entry.tier) = (ModelName(provider: "maker", model: model), tier)
                entry.usage = Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0)
                entry.rated = replica.configuration.rater.rate(
                    quantities, of: "t", on: entry.model, tier: tier, region: nil, at: entry.occurredAt)
                #expect(await replica.report(entry).word == "recorded")
            }
            await book("a", "opus", .input, 1, .batch)
            await book("b", "whisper", .audioInputSeconds, 4, .standard)
            #expect(
                try sums(fixture) == [
                    "2026-10-01 audio_input_seconds 4 10 30 30 0 0",
                    "2026-10-01 entries 0 0 0 0 2 0", "2026-10-01 input_tokens 1 1 1.5 1.1666655 0 0",
                ])
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }

    @Test("follow what is rated again and taken back, in the month that it is booked in") func corrected() async throws
    {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            #expect(await replica.report(Self.event("a", replica, 5)).word == "recorded")
            #expect(await replica.report(Self.event("b", replica, 3)).word == "recorded")
            #expect(
                try sums(fixture) == [
                    "2026-10-01 entries 0 0 0 0 2 80", "2026-10-01 input_tokens 8 8 80000000 80000000 0 0",
                ])
            try connection.close("2026-10")
            let file = try LedgerFixture.priceFile(
                of: "maker",
                """
                  opus:
                    prices: [{from: 2026-01-01, standard: {input_tokens: "0.02"}}]

                """, isMaker: true)
            _ = try PriceStore.add([file], from: .asWritten, isDryRun: false, connection)
            let summary = try await CorrectionRun(RerateScope(), on: replica, isDryRun: false).run()
            #expect(summary.correctedCalls == 2)
            #expect(try sums(fixture).contains("2026-11-01 entries 0 0 0 0 0 80"))
            let costs = try connection.query(
                "SELECT price_id, quantity::bigint FROM meter_sum WHERE booking_month = '2026-11-01' AND meter <> ''"
            ).map { try $0.decode((Int64, Int64).self) }.sorted { $0.0 < $1.0 }
            #expect(costs.map(\.1) == [-8, 8])

            #expect(await replica.report(Self.event("b", replica, 4)).word == "conflict")
            let number: Int64 = try connection.query("SELECT disputed_id FROM disputed")[0].decode(at: 0)
            let usage = try #require(try RefusedUsage(number, connection))
            _ = await replica.accept(usage, DisputeDecision(author: "finance", reason: "why"))
            // Three tokens at the new price are taken out, four put in.
            #expect(
                try sums(fixture).suffix(2) == [
                    "2026-11-01 entries 0 0 0 0 0 100", "2026-11-01 input_tokens 1 1 100000000 100000000 0 0",
                ])
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }
}
