import Testing

@testable import Accounting

@Suite("Money") struct MoneyTests {
    @Test("is written as dollars and adds up exactly")
    func writing() {
        let cents = Money(nanodollars: 100_000_000)
        let sum = (0..<3).reduce(Money.zero) { sum, _ in sum + cents }
        #expect(sum.usd == "0.3")
        #expect(sum - cents - cents - cents == .zero)
        #expect((Money.zero - cents).description == "-$0.10")
        #expect(Money.zero - cents < .zero)
        #expect(Money.maximumInput.usd == "1000000000")
    }
}

@Suite("A fraction") struct FractionTests {
    @Test(
        "is read from decimals of up to six places",
        arguments: [
            ("0", 0, "0%"), ("0.8", 800_000, "80%"), ("1.0", 1_000_000, "100%"), ("0.333333", 333_333, "33.3333%"),
            ("1.25", 1_250_000, "125%"), ("0.000001", 1, "0.0001%"),
        ] as [(String, Int64, String)])
    func reading(text: String, millionths: Int64, percent: String) throws {
        let fraction = try #require(Fraction(decimal: text))
        #expect(fraction.millionths == millionths)
        #expect(fraction.percent == percent)
        #expect(Fraction(decimal: fraction.description) == fraction)
    }

    @Test("is refused with more places or as a percentage", arguments: ["0.0000001", "80%", ".8", "8e-1", ""])
    func refused(text: String) {
        #expect(Fraction(decimal: text) == nil)
    }

    @Test(
        "is reached exactly at its share, not a nanodollar before",
        arguments: [
            (800_000, 79, 100, false), (800_000, 80, 100, true), (333_333, 333_332_999_999, 1_000_000_000_000, false),
            (333_333, 333_333_000_000, 1_000_000_000_000, true), (1_000_000, Int64.max - 1, .max, false),
            (1_000_000, .max, .max, true), (500_000, .max / 2, .max, false), (500_000, .max / 2 + 1, .max, true),
            (0, 0, 100, true), (0, -1, 100, false), (800_000, -80, 100, false), (Int64.max, .max, .max, false),
        ] as [(Int64, Int64, Int64, Bool)])
    func reached(millionths: Int64, amount: Int64, limit: Int64, expected: Bool) {
        #expect(Fraction(millionths: millionths).isReached(by: amount, of: limit) == expected)
    }
}
