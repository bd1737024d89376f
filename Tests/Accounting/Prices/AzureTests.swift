import Testing

@testable import Accounting

@Suite("Azure's GPT-4o models") struct AzureTests {
    private static func model(_ name: String, input: Int64, output: Int64) -> ModelPrices {
        ModelPrices(
            name: ModelName(provider: "azure", model: name), maximumOutputTokens: 16_384,
            prices: [
                .of(.input, input, id: 1, model: ModelName(provider: "azure", model: name)),
                .of(.output, output, id: 2, model: ModelName(provider: "azure", model: name)),
            ])
    }

    static let gpt4o = model("gpt-4o", input: 2_500_000_000, output: 10_000_000_000)
    static let gpt4oMini = model("gpt-4o-mini", input: 150_000_000, output: 600_000_000)

    /// Input and output tokens, then the cost in nanodollars on each model. gpt-4o costs 2.50/10.00 USD a million
    /// tokens, which is 2,500/10,000 nanodollars a token. gpt-4o-mini costs 0.15/0.60 USD a million tokens, which is
    /// 150/600 nanodollars a token.
    static let calls: [(input: Int64, output: Int64, gpt4o: Int64, mini: Int64)] = [
        (0, 0, 0, 0),
        (1, 0, 2_500, 150),
        (0, 1, 10_000, 600),
        (1, 1, 12_500, 750),
        (1_000_000, 0, 2_500_000_000, 150_000_000),
        (0, 1_000_000, 10_000_000_000, 600_000_000),
        (1_200, 310, 6_100_000, 366_000),
        (1_199, 1, 3_007_500, 180_450),
        (128_000, 16_384, 483_840_000, 29_030_400),
        (999_999, 999_999, 12_499_987_500, 749_999_250),
        (242, 51, 1_115_000, 66_900),
        (93, 9_101, 91_242_500, 5_474_550),
        (820, 8_625, 88_300_000, 5_298_000),
        (284, 14, 850_000, 51_000),
        (109_648, 35, 274_470_000, 16_468_200),
        (38_963, 13_941, 236_817_500, 14_209_050),
        (688, 4_152, 43_240_000, 2_594_400),
        (12_710, 14_990, 181_675_000, 10_900_500),
        (93_393, 3_296, 266_442_500, 15_986_550),
        (79_500, 56, 199_310_000, 11_958_600),
        (40_991, 6, 102_537_500, 6_152_250),
        (83_097, 8_859, 296_332_500, 17_779_950),
        (718, 87, 2_665_000, 159_900),
        (423, 10_465, 105_707_500, 6_342_450),
        (25_078, 12_337, 186_065_000, 11_163_900),
        (650, 42, 2_045_000, 122_700),
        (30_998, 75, 78_245_000, 4_694_700),
        (126, 38, 695_000, 41_700),
        (44, 12_140, 121_510_000, 7_290_600),
        (43_311, 42, 108_697_500, 6_521_850),
    ]

    private func cost(_ model: ModelPrices, _ input: Int64, _ output: Int64) throws -> Int64 {
        var quantities = Quantities()
        quantities.add(.input, input)
        quantities.add(.output, output)
        let card = try #require(
            model.card(tier: .standard, contextTokens: input, at: Timestamp(seconds: 1_800_000_000)))
        return try #require(card.rate(quantities).cost).nanodollars
    }

    @Test("cost exactly what arithmetic by hand says", arguments: calls)
    func rows(call: (input: Int64, output: Int64, gpt4o: Int64, mini: Int64)) throws {
        #expect(try cost(Self.gpt4o, call.input, call.output) == call.gpt4o)
        #expect(try cost(Self.gpt4oMini, call.input, call.output) == call.mini)
    }

    @Test("cost exactly the same in the sum")
    func totals() throws {
        let totals = try Self.calls.reduce(into: (gpt4o: Int64(0), mini: Int64(0))) {
            $0.gpt4o += try cost(Self.gpt4o, $1.input, $1.output)
            $0.mini += try cost(Self.gpt4oMini, $1.input, $1.output)
        }
        #expect(totals.gpt4o == 27_880_922_500)
        #expect(totals.mini == 1_672_855_350)
    }
}
