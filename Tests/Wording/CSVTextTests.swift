import Testing
import Wording

@Suite struct CSVTextTests {
    @Test("CSV quotes what RFC 4180 says and nothing else")
    func quotes() {
        #expect(
            CSVText.record(["a b", "c,d", "e\"f", "g\r\nh", "i\nj", "k\rl", ""])
                == "a b,\"c,d\",\"e\"\"f\",\"g\r\nh\",\"i\nj\",\"k\rl\",\r\n")
    }

    @Test(
        "what a spreadsheet would execute stands behind an apostrophe, and is read back as it was",
        arguments: [
            ("=1+1", "'=1+1"), ("+1", "'+1"), ("@x", "'@x"), ("-x", "'-x"), ("-5", "-5"), ("-0.012", "-0.012"),
            ("-5-3", "'-5-3"), ("'=x", "''=x"), ("'x", "'x"), ("x=1", "x=1"), ("", ""),
        ])
    func formulas(text: String, written: String) {
        #expect(CSVText.record([text]) == written + "\r\n")
        #expect(CSVText.unguarded(written) == text)
    }
}
