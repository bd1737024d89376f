import Accounting
import Testing

@testable import Ledger

@Suite("Currency rates") struct CurrencyRatesTests {
    private static let header = "date,currency,per_usd\n"

    @Test(
        "hold until the next of their currency, whatever their order in the file",
        arguments: [
            ("EUR", "2026-10-29", nil), ("EUR", "2026-10-30", "0.92"), ("EUR", "2026-11-01", "0.92"),
            ("EUR", "2026-11-02", "0.915"), ("JPY", "2026-12-31", "151.2"), ("GBP", "2026-12-31", nil),
        ] as [(String, String, String?)])
    func rate(currency: String, day: String, perUSD: String?) throws {
        let file = Self.header + "2026-11-02,EUR,0.915\n2026-10-30,EUR,0.92\n2026-10-01,JPY,151.2\n"
        let rates = try CurrencyRates(Array(file.utf8))
        #expect(rates.rate(of: currency, on: try #require(CalendarDay(text: day)))?.perUSD == perUSD)
        #expect(rates.currencies == ["EUR", "JPY"])
    }

    @Test(
        "that cannot be read are told with their line",
        arguments: [
            ("", nil), ("date,rate\n", "line 1: the columns must be"),
            (header + "2026-10-32,EUR,1\n", "line 2: the date must be"),
            (header + "2026-10-30,eur,1\n", "line 2: the currency must be"),
            (header + "2026-10-30,USD,1\n", "line 2: USD needs no rate"),
            (header + "2026-10-30,EUR,0\n", "line 2: per_usd must be"),
            (header + "2026-10-30,EUR,-1\n", "line 2: per_usd must be"),
            (header + "2026-10-30,EUR,0.1234567891\n", "line 2: per_usd must be"),
            (header + "2026-10-30,EUR\n", "line 2: it has not three fields"),
            (header + "2026-10-30,EUR,1\n2026-10-30,EUR,2\n", "2026-10-30 has two rates of EUR"),
        ] as [(String, String?)])
    func wrong(file: String, problem: String?) throws {
        guard let problem else { return #expect(try CurrencyRates(Array(file.utf8)).currencies.isEmpty) }
        let error = #expect(throws: CurrencyRateError.self) { try CurrencyRates(Array(file.utf8)) }
        #expect(error?.description.hasPrefix(problem) == true, "\(error?.description ?? "")")
    }
}
