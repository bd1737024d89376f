import Testing
import Wording

@Suite struct PhraseTests {
    @Test(
        "money in a sentence has cents where it is not whole, and every place that it needs",
        arguments: [
            ("500", "$500"), ("500.00", "$500"), ("0.5", "$0.50"), ("0.0068", "$0.0068"), ("-3.5", "-$3.50"),
            ("0", "$0"), ("1234.5", "$1,234.50"), ("-1000000", "-$1,000,000"), ("999", "$999"),
            ("1000.000000001", "$1,000.000000001"), ("unpriced", "unpriced"), ("", ""), ("1e3", "1e3"), ("--1", "--1"),
        ])
    func dollars(text: String, said: String) { #expect(Phrase.dollars(text) == said) }

    @Test(
        "money in a column is told to the cent, and what is less than one is not told as nothing",
        arguments: [
            ("500", "$500.00"), ("1234.5", "$1,234.50"), ("0", "$0.00"), ("0.000", "$0.00"), ("0.01", "$0.01"),
            ("0.009999999", "<$0.01"), ("0.000000001", "<$0.01"), ("-0.001", ">-$0.01"), ("0.0149", "$0.01"),
            ("0.015", "$0.02"), ("499.995", "$500.00"), ("999999.999", "$1,000,000.00"), ("-3.555", "-$3.56"),
            ("170141183460469231731687.123", "$170,141,183,460,469,231,731,687.12"), ("unpriced", "unpriced"), ("", ""),
        ])
    func cents(text: String, said: String) { #expect(Phrase.cents(text) == said) }

    @Test(
        "money with a number of places has them, and more where it needs more",
        arguments: [("5", 2, "$5.00"), ("1234.5", 4, "$1,234.5000"), ("0.0068", 2, "$0.0068"), ("-5", 0, "-$5")])
    func exactDollars(text: String, places: Int, said: String) {
        #expect(Phrase.dollars(text, places: places) == said)
    }

    @Test(
        "an amount in a column has at least the places asked for, and no digit less",
        arguments: [
            ("5", 2, "5.00"), ("0.0068", 2, "0.0068"), ("0.5", 4, "0.5000"), ("5", 0, "5"), ("-0.1", 2, "-0.10"),
            ("-", 2, "-"), ("5.", 2, "5."), ("a", 2, "a"),
        ])
    func amount(text: String, places: Int, said: String) { #expect(Phrase.amount(text, places: places) == said) }

    @Test(
        "a number in a sentence has its digits in groups of three",
        arguments: [("1234567", "1,234,567"), ("-1000.5", "-1,000.5"), ("12", "12"), ("0.10", "0.1"), ("x", "x")])
    func number(text: String, said: String) { #expect(Phrase.number(text) == said) }

    @Test(
        "a share is said in percent, exactly",
        arguments: [
            ("0.8", "80%"), ("1", "100%"), ("1.0", "100%"), ("0.005", "0.5%"), ("0.123456", "12.3456%"), ("0", "0%"),
            ("0.01", "1%"), ("12.5", "1250%"), ("-0.5", "-50%"), ("x", "x"),
        ])
    func share(text: String, said: String) { #expect(Phrase.share(text) == said) }

    @Test(
        "a percentage in a column is whole, never full before it is and never nothing after it began",
        arguments: [
            ("0", "0%"), ("0.01", "<1%"), ("1", "1%"), ("99.99", "99%"), ("100", "100%"), ("1234.5", "1,234%"),
            ("x", "x"),
        ])
    func percent(text: String, said: String) { #expect(Phrase.percent(text) == said) }

    @Test("one thing is said in the singular, all others in the plural")
    func counts() {
        #expect(Phrase.count(1, "call") == "1 call" && Phrase.count(0, "call") == "0 calls")
        #expect(Phrase.count(1_234_567, "token") == "1,234,567 tokens" && Phrase.count(-1, "call") == "-1 calls")
        #expect(
            Phrase.count(2, "entry", "entries") == "2 entries" && Phrase.count(Int64.min, "call").hasPrefix("-9,223"))
    }

    @Test("of many names the first few are said")
    func lists() {
        #expect(Phrase.list([]) == "" && Phrase.list(["a", "b"]) == "a, b")
        #expect(Phrase.list(["a", "b", "c", "d"], most: 2) == "a, b and 2 more")
        #expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(Phrase.all) == ["", "a", "a and b", "a, b and c"])
    }

    @Test(
        "a span is said in the largest unit that fits twice, and never too short",
        arguments: [
            (1, "1 second"), (119, "119 seconds"), (120, "2 minutes"), (121, "3 minutes"), (7_200, "2 hours"),
            (172_800, "2 days"), (172_801, "3 days"), (0, "0 seconds"),
        ])
    func spans(seconds: Int64, said: String) { #expect(Phrase.span(seconds: seconds) == said) }

    @Test(
        "a day near today is said with its weekday",
        arguments: [
            ("2026-11-26", "Thu 26 Nov"), ("2026-12-01", "Tue 1 Dec"), ("2024-02-29", "Thu 29 Feb"),
            ("2026-01-01", "Thu 1 Jan"), ("2000-03-01", "Wed 1 Mar"), ("2026-11", "2026-11"), ("soon", "soon"),
            ("2026-13-01", "2026-13-01"),
        ])
    func days(text: String, said: String) { #expect(Phrase.day(text) == said) }

    @Test(
        "a moment is told from now: ahead never too early, behind never too long ago",
        arguments: [
            (0, "now"), (1, "in 1 second"), (121, "in 3 minutes"), (172_801, "in 3 days"), (-1, "1 second ago"),
            (-179, "2 minutes ago"), (-7_200, "2 hours ago"), (-259_199, "2 days ago"),
        ])
    func fromNow(seconds: Int64, said: String) { #expect(Phrase.fromNow(seconds: seconds) == said) }

    @Test(
        "a time is said to the minute where it is one",
        arguments: [
            ("2026-12-01T00:00:00Z", "2026-12-01 00:00 UTC"), ("2026-12-01T07:08:09.123Z", "2026-12-01 07:08:09 UTC"),
            ("2026-12-01", "2026-12-01"), ("soon", "soon"), ("2026-12-01T00:00:00+01:00", "2026-12-01T00:00:00+01:00"),
        ])
    func times(text: String, said: String) { #expect(Phrase.time(text) == said) }
}
