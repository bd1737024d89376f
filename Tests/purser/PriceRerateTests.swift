import Testing

@testable import purser

@Suite("Rating again") struct PriceRerateTests {
    @Test(
        "says of calls without a price that they have none, not that they are right",
        arguments: [
            (
                17, 3,
                "14 calls cost what the price book says, and 3 calls still have no price; there is nothing to correct."
            ),
            (
                2, 1,
                "1 call costs what the price book says, and 1 call still has no price; there is nothing to correct."
            ),
            (5, 0, "5 calls cost what the price book says; there is nothing to correct."),
        ])
    func nothingToCorrect(calls: Int64, unpriced: Int64, sentence: String) {
        #expect(PriceRerate.nothingToCorrect(calls: calls, unpriced: unpriced) == sentence)
    }
}
