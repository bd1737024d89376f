import JSON
import Testing

@testable import API

@Suite struct BatchLengthTests {
    @Test(
        "a batch of a few settlements stays on the event loop, a longer one leaves it",
        arguments: [(0, false), (1, false), (8, false), (9, true), (10_000, true)])
    func settlements(count: Int, isLong: Bool) throws {
        let batch = #"{"settlements":[\#(Array(repeating: "{}", count: count).joined(separator: ","))]}"#
        #expect(SettleRoutes.isLong(try JSONDocument(Array(batch.utf8)).root) == isLong)
    }

    @Test("what is no batch is refused where it is", arguments: ["{}", "[]", "7", #"{"settlements":{"a":1}}"#])
    func noBatch(body: String) throws {
        #expect(!SettleRoutes.isLong(try JSONDocument(Array(body.utf8)).root))
    }
}
