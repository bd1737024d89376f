import Testing

@testable import Accounting

private enum Maker {
    /// In nanodollars: 5,000 an input token, 500 a cached token, 25,000 an output token, 10,000,000 a search.
    static let opus = ModelPrices([
        .of(.input, 5_000_000_000, id: 1), .of(.cacheRead, 500_000_000, id: 2), .of(.output, 25_000_000_000, id: 3),
        .of(.webSearches, 10_000_000_000_000, id: 4), .of(.input, 7_000_000_000, id: 5, above: 200_000),
    ])
    static let book = PriceBook(models: [opus])
}

@Suite("What the company has agreed to pay") struct AgreementTests {
    private static func sharing(
        _ millionths: Int64, id: Int64 = 1, team: String? = nil, provider: String? = nil, model: String? = nil,
        from: Int64 = 0, until: Int64? = nil
    ) -> Agreement {
        Agreement(
            id: id, name: "a\(id)", team: team, provider: provider, model: model,
            terms: .share(Fraction(millionths: millionths)), validFrom: Timestamp(seconds: from),
            validUntil: until.map(Timestamp.init(seconds:)))
    }

    private static func committing(_ prices: [Price]) -> Agreement {
        Agreement(
            id: 1, name: "commit", provider: "maker", model: "m", terms: .rates(prices),
            validFrom: Timestamp(seconds: 0))
    }

    private static func rate(
        _ lines: [(Meter, Int64)], under agreements: [Agreement], team: String = "t", tier: ServiceTier = .standard,
        at seconds: Int64 = 50
    ) -> RatedCall {
        var quantities = Quantities()
        for (meter, quantity) in lines { quantities.add(meter, quantity) }
        return Rater(prices: Maker.book, agreements: AgreementBook(agreements, prices: Maker.book)).rate(
            quantities, of: team, on: .test, tier: tier, region: nil, at: Timestamp(seconds: seconds))
    }

    @Test(
        "is a share of the list cost, which is kept beside it; rounded once, half to even",
        arguments: [
            // At list prices, 1,000 input and 100 output tokens cost 7,500,000.
            (875_000, 1000, 100, 6_562_500), (1_050_000, 1000, 100, 7_875_000), (0, 1000, 100, 0),
            // 12.5% of 5,000 is 625; 10.0001% of 5,000 is 500.005.
            (125_000, 1, 0, 625), (100_001, 1, 0, 500),
            // 10.01% of 5,000 is 500.5, which rounds to the even 500. 10.03% is 501.5, which rounds to the even 502.
            (100_100, 1, 0, 500), (100_300, 1, 0, 502),
        ] as [(Int64, Int64, Int64, Int64)])
    func share(millionths: Int64, input: Int64, output: Int64, nanodollars: Int64) {
        let rated = Self.rate([(.input, input), (.output, output)], under: [Self.sharing(millionths)])
        #expect(rated.cost == Money(nanodollars: nanodollars))
        #expect(rated.listCost == Money(nanodollars: input * 5_000 + output * 25_000))
        #expect(rated.agreement?.name == "a1" && rated.agreedLines == nil)
        #expect(rated.lines.map(\.rate?.priceID) == (output > 0 ? [1, 3] : [1]))
    }

    @Test("is the agreed rate of its meters and tier, and the list price of all others") func committed() {
        let agreement = Self.committing([
            .of(.input, 4_000_000_000, id: 11), .of(.output, 20_000_000_000, id: 12),
            .of(.input, 1_000_000_000, id: 13, tier: .batch),
        ])
        let lines: [(Meter, Int64)] = [(.input, 1000), (.cacheRead, 100), (.output, 10), (.webSearches, 1)]
        let rated = Self.rate(lines, under: [agreement])
        #expect(rated.cost == Money(nanodollars: 4_000_000 + 50_000 + 200_000 + 10_000_000))
        #expect(rated.listCost == Money(nanodollars: 5_000_000 + 50_000 + 250_000 + 10_000_000))
        #expect(rated.agreedLines?.map(\.rate?.priceID) == [11, 2, 12, 4])
        #expect(rated.lines.map(\.rate?.priceID) == [1, 2, 3, 4])
        // The agreed rate also replaces the list price of longer prompts.
        let long = Self.rate([(.input, 300_000)], under: [agreement])
        #expect(long.cost == Money(nanodollars: 1_200_000_000) && long.listCost == Money(nanodollars: 2_100_000_000))
        // Batch input has an agreed rate of its own. Batch output costs half of the agreed standard rate.
        let batch = Self.rate([(.input, 1000), (.output, 10)], under: [agreement], tier: .batch)
        #expect(batch.cost == Money(nanodollars: 1_000_000 + 100_000))
    }

    @Test("is unpriced where the list has no price, unless a rate was agreed") func unpriced() {
        let images: [(Meter, Int64)] = [(.images, 2)]
        #expect(Self.rate(images, under: [Self.sharing(900_000)]).cost == nil)
        let rated = Self.rate(images, under: [Self.committing([.of(.images, 1_000_000_000, id: 9)])])
        #expect(rated.cost == Money(nanodollars: 2000) && rated.listCost == nil && !rated.exceeds(.maximumCost))
    }

    /// The id of the agreement that applies to a call of team `t` on maker/m.
    @Test(
        "is by the agreement for the model before that for its provider before that for all, the team's own first",
        arguments: [
            ([sharing(1, id: 1), sharing(1, id: 2, team: "t")], 2),
            ([sharing(1, id: 1, provider: "maker"), sharing(1, id: 2, team: "t")], 1),
            ([sharing(1, id: 1, team: "t", provider: "maker"), sharing(1, id: 2, provider: "maker")], 1),
            ([sharing(1, id: 1, provider: "maker", model: "m"), sharing(1, id: 2, team: "t", provider: "maker")], 1),
            (
                [
                    sharing(1, id: 1, provider: "maker", model: "m"),
                    sharing(1, id: 2, team: "t", provider: "maker", model: "m"),
                ], 2
            ),
            ([sharing(1, id: 1), sharing(1, id: 2)], 2),
            ([sharing(1, id: 1), sharing(1, id: 2, until: 50)], 1),
            ([sharing(1, id: 1), sharing(1, id: 2, from: 51)], 1),
            ([sharing(1, id: 1, team: "u"), sharing(1, id: 2, provider: "azure")], nil),
            ([sharing(1, id: 1, provider: "maker", model: "n")], nil), ([sharing(1, from: 51)], nil),
            ([sharing(1, until: 50)], nil), ([sharing(1, from: 50, until: 51)], 1),
        ] as [([Agreement], Int64?)])
    func precedence(agreements: [Agreement], id: Int64?) {
        #expect(Self.rate([(.input, 1)], under: agreements).agreement?.id == id)
    }

    @Test("goes on where its model has become another name of one") func alias() {
        let book = PriceBook(models: [Maker.opus], aliases: [ModelName(provider: "maker", model: "old"): .test])
        let agreements = AgreementBook([Self.sharing(1, provider: "maker", model: "old")], prices: book)
        let moment = Timestamp(seconds: 50)
        #expect(agreements.agreement(of: "t", on: Maker.opus, at: moment)?.id == 1)
    }

    private static let snapshot = ModelName(provider: "maker", model: "m-2026-01-02")
    /// The model with a snapshot whose input costs 6,000 nanodollars.
    private static let dated = PriceBook(
        models: [Maker.opus, ModelPrices([.of(.input, 6_000_000_000, id: 7, model: snapshot)], name: snapshot)])

    /// The id of the agreement that applies to a call of team `t` on maker/m-2026-01-02, and to one on maker/m.
    @Test(
        "is for the snapshots of its model too, unless they have a closer one",
        arguments: [
            ([sharing(1, provider: "maker", model: "m")], 1, 1),
            ([sharing(1, provider: "maker", model: "m-2026-01-02")], 1, nil),
            (
                [
                    sharing(1, id: 1, provider: "maker", model: "m-2026-01-02"),
                    sharing(1, id: 2, team: "t", provider: "maker", model: "m"),
                ], 1, 2
            ),
            (
                [sharing(1, id: 1, team: "t", provider: "maker"), sharing(1, id: 2, provider: "maker", model: "m")], 2,
                2
            ),
            ([sharing(1, id: 1, team: "u", provider: "maker", model: "m"), sharing(1, id: 2)], 2, 2),
        ] as [([Agreement], Int64?, Int64?)])
    func snapshots(agreements: [Agreement], ofSnapshot: Int64?, ofModel: Int64?) throws {
        let book = AgreementBook(agreements, prices: Self.dated)
        func id(_ name: ModelName) throws -> Int64? {
            let model = try #require(Self.dated.models[name])
            return book.agreement(of: "t", on: model, at: Timestamp(seconds: 50))?.id
        }
        #expect(try id(Self.snapshot) == ofSnapshot)
        #expect(try id(.test) == ofModel)
    }

    @Test("with rates replaces those of the snapshot's own list") func snapshotRates() {
        var quantities = Quantities()
        quantities.add(.input, 1000)
        func cost(_ agreements: [Agreement]) -> RatedCall {
            Rater(prices: Self.dated, agreements: AgreementBook(agreements, prices: Self.dated)).rate(
                quantities, of: "t", on: Self.snapshot, tier: .standard, region: nil, at: Timestamp(seconds: 50))
        }
        #expect(cost([]).cost == Money(nanodollars: 6_000_000))
        let agreed = cost([Self.committing([.of(.input, 4_000_000_000, id: 11)])])
        #expect(agreed.cost == Money(nanodollars: 4_000_000) && agreed.listCost == Money(nanodollars: 6_000_000))
        let output = cost([Self.committing([.of(.output, 4_000_000_000, id: 11)])])
        #expect(output.cost == Money(nanodollars: 6_000_000) && output.agreedLines?.map(\.rate?.priceID) == [7])
    }

    @Test("counts for the hold as for the cost") func estimate() {
        let call = Call(
            requestID: "r", who: Attribution(team: "t"), model: "m", inputTokens: 1000, maxOutputTokens: 100)
        func estimate(_ agreements: [Agreement], on model: ModelPrices? = Maker.opus) -> Money? {
            Estimate.worstCase(
                of: call, on: model, under: AgreementBook(agreements, prices: Maker.book), at: Timestamp(seconds: 50)
            )?.cost
        }
        #expect(estimate([]) == Money(nanodollars: 7_500_000))
        #expect(estimate([Self.sharing(875_000)]) == Money(nanodollars: 6_562_500))
        // The estimate is rounded up.
        #expect(estimate([Self.sharing(333_333)]) == Money(nanodollars: 2_499_998))
        #expect(estimate([Self.committing([.of(.input, 0)])]) == Money(nanodollars: 2_500_000))
        #expect(estimate([Self.sharing(900_000)], on: nil) == nil)
    }

    @Test("costs more than a call may where either cost does") func tooDear() {
        let most = Usage.maximumQuantity
        #expect(Self.rate([(.input, most)], under: [Self.sharing(0)]).exceeds(.maximumCost))
        #expect(Self.rate([(.input, most)], under: [Self.committing([.of(.input, 0)])]).exceeds(.maximumCost))
        #expect(!Self.rate([(.input, 1)], under: [Self.sharing(10_000_000)]).exceeds(.maximumCost))
    }
}
