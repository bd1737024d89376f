import Accounting
import Postgres
import Pricing
import Testing

@testable import Ledger

@Suite("Why calls are rated again") struct RerateReasonTests {
    /// `reason model detail calls difference`, in nanodollars.
    private static func lines(_ summary: RerateSummary, most: Int = 100) -> [String] {
        summary.reasons(most: most).map {
            "\($0.reason.kind.rawValue) \($0.reason.model?.description ?? "-") | \($0.detail) | \($0.sums.calls) | \($0.sums.differenceNanodollars)"
        }
    }

    private static func add(_ models: String, _ fixture: LedgerFixture) throws {
        let head = "provider: maker\nmaker: true\nsource: s\nretrieved: 2026-11-28\ncurrency: USD\n"
        let file = try PriceFile.parse(head + "per: 1000000 tokens\nmodels:\n" + models, fileName: "maker.yaml")
        _ = try PriceStore.add([file], from: .asWritten, isDryRun: false, fixture.connect())
    }

    private static func report(
        _ id: String, _ model: String = "opus", tokens: Int64 = 10, tier: ServiceTier = .standard, on day: String,
        by replica: Replica
    ) async throws {
        var entry = LedgerFixture.event(
            id, replica, model, tokens: tokens, at: Timestamp(rfc3339: "\(day)T12:00:00Z"))
        if tier != .standard {
            entry = LedgerEntry(
                occurredAt: entry.occurredAt, recordedAt: entry.recordedAt, source: entry.source, requestID: id,
                who: entry.who, requestedModel: model, model: entry.model, tier: tier, usage: entry.usage,
                rated: Rater(prices: replica.configuration.prices, agreements: replica.configuration.agreements).rate(
                    entry.usage.quantities, of: "t", on: entry.model, tier: tier, region: nil, at: entry.occurredAt))
        }
        #expect(await replica.report(entry).word == "recorded")
    }

    private static func rerate(_ replica: Replica, isDryRun: Bool = false) async throws -> RerateSummary {
        try await CorrectionRun(RerateScope(), on: replica, isDryRun: isDryRun).run()
    }

    @Test("is told in one line each, the largest differences first, and sums up to what is corrected")
    func reasons() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            for number in 0..<3 { try await Self.report("o\(number)", on: "2026-10-20", by: replica) }
            try await Self.report("early", on: "2026-10-01", by: replica)
            try await Self.report("batch", tokens: 1_000, tier: .batch, on: "2026-10-20", by: replica)
            try await Self.report("new", "nova", on: "2026-10-20", by: replica)
            try await Self.report("gone", "nobody-sells", on: "2026-10-20", by: replica)
            try Self.add(
                """
                  opus:
                    prices: [{from: 2026-10-15, standard: {input_tokens: "0.008", output_tokens: "0.01"}}]
                  nova:
                    prices: [{from: 2026-10-01, standard: {input_tokens: "2.5"}}]

                """, fixture)
            let told = [
                "newly_priced maker/nova | maker/nova had no price for these calls; input_tokens: "
                    + "2.50 USD per million since 2026-10-01 | 1 | 25000",
                "price_changed maker/opus | input_tokens of maker/opus (batch): 0.005 → 0.004 USD per million since "
                    + "2026-10-15 | 1 | -1000",
                "price_changed maker/opus | input_tokens of maker/opus: 0.01 → 0.008 USD per million since "
                    + "2026-10-15 | 3 | -60",
                "still_unpriced /nobody-sells | the price book has no model nobody-sells | 1 | 0",
            ]
            let dry = try await Self.rerate(replica, isDryRun: true)
            #expect(Self.lines(dry) == told)
            #expect(
                Self.lines(dry, most: 3) == [told[0], told[1], "other - | 2 other reasons | 4 | -60"])
            let booked = try await Self.rerate(replica)
            #expect(Self.lines(booked) == told)
            let differences = booked.reasons(most: 3).map(\.sums.differenceNanodollars)
            #expect(differences.reduce(0, +) == booked.differenceNanodollars)
            #expect(Self.lines(try await Self.rerate(replica)) == [told[3]])

            // What the last correction was rated by counts, not what the entry was.
            try Self.add(
                "  opus:\n    prices: [{from: 2026-10-15, standard: {input_tokens: \"0.02\"}}]\n", fixture)
            #expect(
                Self.lines(try await Self.rerate(replica)).prefix(2) == [
                    "price_changed maker/opus | input_tokens of maker/opus (batch): 0.004 → 0.01 USD per million since "
                        + "2026-10-15 | 1 | 6000",
                    "price_changed maker/opus | input_tokens of maker/opus: 0.008 → 0.02 USD per million since "
                        + "2026-10-15 | 3 | 360",
                ])
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }

    @Test("is an agreement, where another applies, with what it changes")
    func agreement() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await Self.report("a", on: "2026-10-20", by: replica)
            func agree(_ name: String, _ terms: AgreementDraft.Terms, model: String? = nil) throws {
                let draft = AgreementDraft(
                    name: name, team: nil, provider: "maker", model: model, terms: terms,
                    validFrom: CalendarDay(text: "2026-01-01")!.startUTC, validUntil: nil, note: "")
                _ = try AgreementStore.put(draft, changedBy: "test", fixture.connect())
            }
            try agree("discount", .share(Fraction(millionths: 900_000)))
            #expect(
                Self.lines(try await Self.rerate(replica)) == [
                    "agreement_changed maker/opus | calls of maker/opus go by the agreement discount | 1 | -10"
                ])
            let rate = AgreedRate(
                meter: "input_tokens", tier: .standard, aboveContextTokens: 0, femtodollarsPerUnit: 5_000_000)
            try agree("committed", .rates([rate]), model: "opus")
            #expect(
                Self.lines(try await Self.rerate(replica)) == [
                    "agreement_changed maker/opus | calls of maker/opus go by the agreement committed, no longer by "
                        + "discount; input_tokens: 0.01 → 0.005 USD per million since 2026-01-01 | 1 | -40"
                ])
            // The list price alone is another: what is paid stays.
            try Self.add(
                "  opus:\n    prices: [{from: 2026-10-15, standard: {input_tokens: \"0.02\"}}]\n", fixture)
            #expect(
                Self.lines(try await Self.rerate(replica)) == [
                    "price_changed maker/opus | list price of input_tokens of maker/opus: 0.01 → 0.02 USD per million "
                        + "since 2026-10-15 | 1 | 0"
                ])
            #expect(Self.lines(try await Self.rerate(replica)).isEmpty)
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }

    @Test("is told of calls that keep their cost too")
    func refused() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            try await Self.report("dear", tokens: 2_000, on: "2026-10-20", by: replica)
            try await Self.report("bad", on: "2026-10-20", by: replica)
            try Self.add(
                "  opus:\n    prices: [{from: 2026-10-15, standard: {input_tokens: \"1000000000\"}}]\n", fixture)
            try fixture.connect().execute(
                "ALTER TABLE ledger ADD CHECK (kind = 'usage' OR request_id <> 'bad') NOT VALID")
            let lines = Self.lines(try await Self.rerate(replica))
            #expect(
                lines == [
                    "refused maker/opus | calls of maker/opus would cost more than one call may, $10,000 | 1 | 0",
                    "refused maker/opus | the ledger refused corrections of calls of maker/opus | 1 | 0",
                ])
            await replica.drain()
        }
    }

    @Test("names a price of pieces by one, and a least quantity")
    func pieces() {
        func change(_ before: (Int64, Int64?), _ after: (Int64, Int64?)) -> String {
            RerateReason(
                .priceChanged, ModelName(provider: "p", model: "m"), tier: .standard,
                changes: [
                    RerateReason.Change(
                        meter: Meter("images"),
                        before: RerateReason.Terms(halfFemtodollarsPerUnit: before.0, leastQuantity: before.1),
                        after: RerateReason.Terms(halfFemtodollarsPerUnit: after.0, leastQuantity: after.1),
                        since: CalendarDay(text: "2026-11-10")!.startUTC)
                ]
            ).detail
        }
        let cents: Int64 = 20_000_000_000_000
        #expect(change((4 * cents, nil), (3 * cents, nil)) == "images of p/m: 0.04 → 0.03 USD each since 2026-11-10")
        #expect(change((cents, nil), (cents, 10)) == "images of p/m: least quantity none → 10 since 2026-11-10")
        #expect(
            change((4 * cents, 5), (3 * cents, 10))
                == "images of p/m: 0.04 → 0.03 USD each since 2026-11-10, least quantity 5 → 10")
    }
}
