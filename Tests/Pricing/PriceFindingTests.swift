import Accounting
import Pricing
import Testing

@Suite("A check of the price book's rows")
struct PriceFindingTests {
    /// The findings for rows of one meter, given in the order they were added: `from`, `until`, femtodollars.
    private func findings(
        _ rows: [(String, String?, Int64)], tiers: [ServiceTier] = [], on day: String = "2021-03-01"
    ) -> [String] {
        let prices = rows.enumerated().map { index, row in
            Price(
                id: Int64(index + 1), model: ModelName(provider: "p", model: "m"), meter: .input,
                tier: index < tiers.count ? tiers[index] : .standard, aboveContextTokens: 0,
                femtodollarsPerUnit: row.2, validFrom: CalendarDay(text: row.0)!.startUTC,
                validUntil: row.1.map { CalendarDay(text: $0)!.startUTC })
        }
        return PriceFinding.findings(in: prices, on: CalendarDay(text: day)!).map { "\($0.kind.rawValue) \($0.detail)" }
    }

    @Test(
        "finds this and nothing else",
        arguments: [
            ([("2020-01-01", nil, 100)], []), ([], []),
            ([("2020-01-01", nil, 100), ("2025-01-01", nil, 120)], []),
            ([("2020-01-01", "2025-01-01", 100), ("2025-01-01", nil, 120)], []),
            (
                [("2020-01-01", "2024-12-31", 100), ("2025-01-01", nil, 100)],
                ["gap input_tokens, standard: no price from 2024-12-31T00:00:00Z until 2025-01-01T00:00:00Z"]
            ),
            // Between the other two rows, the first price still holds.
            ([("2020-01-01", nil, 100), ("2021-01-01", "2022-01-01", 110), ("2023-01-01", nil, 120)], []),
            // Of rows that begin together, only the last counts, with its price and its end.
            ([("2020-01-01", nil, 100), ("2020-01-01", nil, 150)], []),
            ([("2020-01-01", "2021-01-01", 100), ("2020-01-01", nil, 100), ("2022-01-01", nil, 100)], []),
            (
                [("2020-01-01", nil, 100), ("2020-01-01", "2021-01-01", 100), ("2022-01-01", nil, 100)],
                ["gap input_tokens, standard: no price from 2021-01-01T00:00:00Z until 2022-01-01T00:00:00Z"]
            ),
            ([("2020-01-01", nil, 100), ("2021-01-01", nil, 1000), ("2022-01-01", nil, 100)], []),
            (
                [("2020-01-01", nil, 100), ("2021-01-01", nil, 1001)],
                [
                    "jump input_tokens, standard: from 0.0000000000001 USD to 0.000000000001001 USD at 2021-01-01T00:00:00Z"
                ]
            ),
            (
                [("2020-01-01", nil, 1001), ("2021-01-01", nil, 100)],
                [
                    "jump input_tokens, standard: from 0.000000000001001 USD to 0.0000000000001 USD at 2021-01-01T00:00:00Z"
                ]
            ),
            (
                [("2020-01-01", nil, 0), ("2021-01-01", nil, 1)],
                ["jump input_tokens, standard: from 0 USD to 0.000000000000001 USD at 2021-01-01T00:00:00Z"]
            ),
            ([("2020-01-01", nil, 100), ("2021-01-01", nil, 9000), ("2021-01-01", nil, 90)], []),
            ([("2020-01-01", nil, 9000), ("2020-01-01", nil, 90), ("2021-01-01", nil, 100)], []),
        ] as [([(String, String?, Int64)], [String])])
    func rows(_ rows: [(String, String?, Int64)], expected: [String]) {
        #expect(findings(rows) == expected)
    }

    @Test("rows of different tiers have nothing to do with each other")
    func tiers() {
        let rows: [(String, String?, Int64)] = [("2020-01-01", "2021-01-01", 1), ("2022-01-01", nil, 100)]
        #expect(findings(rows).count == 2)
        #expect(findings(rows, tiers: [.standard, .batch]).isEmpty)
    }

    @Test(
        "a jump is told for 92 days from its beginning, and before it",
        arguments: [("2020-06-01", 1), ("2021-01-01", 1), ("2021-04-03", 1), ("2021-04-04", 0), ("2026-11-28", 0)])
    func oldJump(day: String, count: Int) {
        #expect(findings([("2020-01-01", nil, 1), ("2021-01-01", nil, 100)], on: day).count == count)
    }

    @Test("a gap is told however old it is, because calls of that time have no price")
    func oldGap() {
        #expect(findings([("2020-01-01", "2021-01-01", 1), ("2022-01-01", nil, 1)], on: "2030-01-01").count == 1)
    }
}
