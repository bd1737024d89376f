import Testing

@testable import Accounting

@Suite("A quick hash") struct QuickHashTests {
    @Test(
        "is the same for texts that Swift calls equal",
        arguments: [
            ("\u{E9}", "e\u{301}"), ("\u{212A}", "K"),
            ("caf\u{E9} au lait, long enough", "cafe\u{301} au lait, long enough"),
            ("", ""), ("team", "team"),
        ])
    func equal(left: String, right: String) {
        #expect(left == right)
        #expect(QuickHash(left).value == QuickHash(right).value)
    }

    @Test("tells apart all but equal lists of texts")
    func different() {
        let lists: [[String?]] = [
            [""], [nil], ["a"], ["b"], ["a", nil], [nil, "a"], ["a", "b"], ["b", "a"], ["ab"], ["ab", ""], ["", "ab"],
            ["12345678"], ["1234567"], ["123456789"], ["\u{0}"], ["\u{0}\u{0}"], ["é"], ["e"], ["ee"], ["1234567é"],
        ]
        let hashes = lists.map { list in
            list.reduce(into: QuickHash()) { $0.combine($1) }.value
        }
        #expect(Set(hashes).count == lists.count)
    }

    @Test("spreads what is alike over the low bits, where tables look")
    func spread() {
        let low = Set((0..<4096).map { QuickHash("team-\($0)").value & 4095 })
        // 4,096 random values would fill 63% of 4,096 slots.
        #expect(low.count > 2300)
    }
}
