import SeededRandom
import Testing

@testable import Accounting

@Suite("Fixed-point text") struct FixedPointTests {
    @Test("of any 64-bit integer reads back as the same integer", arguments: seeds)
    func roundTrip(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<20_000 {
            let places = Int.random(in: 0...16, using: &random)
            let value = random.chance(percent: 50) ? random.anySize() : Int64(bitPattern: random.next())
            let text = FixedPoint.text(value, places: places)
            #expect(FixedPoint.parse(text, places: places) == value, "seed \(seed): \(text) with \(places) places")
        }
    }

    @Test(
        "of the extremes is exact both ways",
        arguments: [
            (Int64.max, 9, "9223372036.854775807"), (.min, 9, "-9223372036.854775808"),
            (.max, 0, "9223372036854775807"),
            (.min, 0, "-9223372036854775808"), (.min, 16, "-922.3372036854775808"), (0, 9, "0"),
            (-1, 9, "-0.000000001"),
            (1, 9, "0.000000001"), (10, 1, "1"), (-10, 1, "-1"), (1_500_000_000, 9, "1.5"),
        ] as [(Int64, Int, String)])
    func extremes(value: Int64, places: Int, text: String) {
        #expect(FixedPoint.text(value, places: places) == text)
        #expect(FixedPoint.parse(text, places: places) == value)
    }

    @Test(
        "of a JSON number is scaled from its digits, exponent and all, and rounded as asked",
        arguments: [
            ("0", 9, 0, 0, 0), ("-0.0e5", 9, 0, 0, 0), ("5", 0, 5, 5, 5), ("5.0", 0, 5, 5, 5), ("5.25", 0, 5, 6, nil),
            ("2.5", 0, 2, 3, nil), ("3.5", 0, 4, 4, nil), ("-2.5", 0, -2, -3, nil), ("1.2e1", 0, 12, 12, 12),
            ("5e-06", 9, 5000, 5000, 5000), ("1.25E-8", 9, 12, 13, nil), ("0.0000000135", 9, 14, 14, nil),
            ("1e-400", 9, 0, 1, nil), ("1e400", 9, nil, nil, nil), ("15", -1, 2, 2, nil), ("25", -1, 2, 3, nil),
            ("0.30000000000000004", 9, 300_000_000, 300_000_001, nil), ("9223372036854775807", 0, .max, .max, .max),
            ("9223372036854775808", 0, nil, nil, nil), ("92233720368.54775807", 8, .max, .max, .max),
            ("0.1e99999999999999999999999999999", 0, nil, nil, nil), ("1e-99999999999999999999999999999", 0, 0, 1, nil),
            // A last digit, far behind the others, decides the rounding.
            ("2.500000000000000000000000000000000000000000001", 0, 3, 3, nil),
            ("100000000000000000000000000000000000000000000e-44", 0, 1, 1, 1),
            ("100000000000000000000000000000000000000000001e-44", 0, 1, 2, nil), ("1x", 0, nil, nil, nil),
        ] as [(String, Int, Int64?, Int64?, Int64?)])
    func numbers(text: String, places: Int, even: Int64?, up: Int64?, exact: Int64?) {
        #expect(FixedPoint.scaled(number: text.utf8, places: places, rounding: .halfToEven) == even)
        #expect(FixedPoint.scaled(number: text.utf8, places: places, rounding: .up) == up)
        #expect(FixedPoint.scaled(number: text.utf8, places: places, rounding: .exact) == exact)
    }

    @Test(
        "that is not a plain decimal of that many places is refused",
        arguments: [
            "", "-", ".", "-.", ".5", "-.5", "5.", "1e3", "1E3", "+1", " 1", "1 ", "--1", "1.2.3", "1..2", "1,5", "0x1",
            "1_000",
            "NaN", "inf", "١", "1\u{0}", "1\n", "½", "0.0000000001", "0.1234567891", "1.0000000001",
            "9223372036.854775808",
            "-9223372036.854775809", "9223372037", "-9223372037", "99999999999999999999999999", "9223372036854775808",
        ])
    func refused(text: String) {
        #expect(FixedPoint.parse(text, places: 9) == nil)
        #expect(Money(usd: text) == nil)
    }

    @Test(
        "may have zeros that mean nothing",
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0", 0), ("0.0000000000000", 0), ("007", 7_000_000_000), ("1.50", 1_500_000_000),
            ("1.500000000000", 1_500_000_000), ("9223372036.8547758070", .max), ("500", 500_000_000_000),
            ("0.012300000", 12_300_000), ("-12.5", -12_500_000_000),
        ] as [(String, Int64)])
    func zeros(text: String, nanodollars: Int64) {
        #expect(FixedPoint.parse(text, places: 9) == nanodollars)
        #expect(Money(usd: text) == Money(nanodollars: nanodollars))
    }

    @Test("of 128-bit integers is the shortest too")
    func wide() {
        #expect(FixedPoint.text(Int128(Int64.max) * 5, places: 16) == "4611.6860184273879035")
        #expect(FixedPoint.text(Int128(Int64.min) * 10, places: 1) == "-9223372036854775808")
    }
}
