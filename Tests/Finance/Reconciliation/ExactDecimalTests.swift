import Finance
import Testing

@Suite("Decimals of providers' files") struct ExactDecimalTests {
    @Test(
        "keep all their places",
        arguments: [
            ("0.003835980000000000000000000000", 0, "0.00383598"), ("41280.000000", -2, "412.8"),
            ("1000000000", 0, "1000000000"),
            ("123456789012345678", 0, "123456789012345678"),
            ("123.45", -2, "1.2345"),
            ("0.000000000000000000000000000001", 0, "0.000000000000000000000000000001"),
            ("1.2345e-05", 0, "0.000012345"),
            ("-12.5", 0, "-12.5"), ("-0.0000000000000001", 0, "-0.0000000000000001"), ("1.5", 6, "1500000"),
            ("0", 0, "0"), ("-0.000", 0, "0"), ("+3E2", 0, "300"), (".5", 0, "0.5"), ("7.", 0, "7"),
            ("999999999999999999", -9, "999999999.999999999"),
        ])
    func text(text: String, shift: Int, expected: String) {
        #expect(ExactDecimal(text, shift: shift)?.text == expected)
    }

    @Test(
        "are nothing where they are no decimals",
        arguments: [
            "", "-", ".", "1,5", "0x1", "1e", "nan", "1.2.3", "1e-99", "1e18", "1e-9223372036854775808",
            "1e9223372036854775807",
        ])
    func refused(text: String) { #expect(ExactDecimal(text) == nil) }

    @Test("add up without a loss, below zero too")
    func sums() throws {
        let thirtieth = try #require(ExactDecimal("0.000000000000000000000000000001"))
        let sum = (0..<10).reduce(ExactDecimal(1)) { sum, _ in sum + thirtieth }
        #expect(sum.text == "1.00000000000000000000000000001")
        #expect((sum - ExactDecimal(1) - thirtieth).text == "0.000000000000000000000000000009")
        #expect((ExactDecimal(-1) + thirtieth).text == "-0.999999999999999999999999999999")
    }

    @Test(
        "are rounded half to even",
        arguments: [
            ("0.0000000005", 0), ("0.0000000015", 2), ("0.00000000050000001", 1), ("-0.0000000005", 0),
            ("-0.0000000015", -2), ("1.0000000004", 1_000_000_000),
        ] as [(String, Int64)])
    func rounding(text: String, nanodollars: Int64) throws {
        #expect(try #require(ExactDecimal(text)).nanodollars == nanodollars)
    }
}
