import JSON
import Testing

@testable import purser

@Suite("Coverage of the price book") struct CoverageTests {
    private func lines(_ json: String) throws -> [String] { Coverage(try JSONDocument(Array(json.utf8)).root).lines }

    @Test("is told in percents that are rounded down, by provider where it is not whole, and by source")
    func told() throws {
        let lines = try lines(
            #"""
            {"days":31,"calls":12345,"priced_calls":12320,"share":"0.997974","providers":[
              {"provider":"openai","calls":1000,"priced_calls":980,"share":"0.98"},
              {"provider":null,"calls":5,"priced_calls":0,"share":"0"}],
             "price_book":{"version":"2026.11.28","date":"2026-11-28"},
             "sources":[{"source":"litellm 1.109.1","models":4551,"priced_models":4269,"share":"0.938035"}]}
            """#)
        #expect(
            lines == [
                "99.7% of 12,345 calls of the last 31 days have a price.", "  openai: 98% of 1,000 calls",
                "  no known provider: 0% of 5 calls", "Price book 2026.11.28 of 2026-11-28:",
                "  litellm 1.109.1: 93.8% of 4,551 models have a price",
            ])
    }

    @Test("is told of no calls, and of no release")
    func nothing() throws {
        let lines = try lines(
            #"{"days":31,"calls":0,"priced_calls":0,"share":null,"providers":[],"price_book":null,"sources":[]}"#)
        #expect(lines == ["There were no calls in the last 31 days."])
    }

    @Test("a report's table ends with the release of the price book, if there is one")
    func footing() throws {
        func footing(_ json: String) throws -> String {
            try Answer(status: 200, bytes: Array(json.utf8)).reportFooting()
        }
        #expect(
            try footing(#"{"price_book":{"version":"2026.11.28.2","date":"2026-11-28"}}"#)
                == "\nPrice book 2026.11.28.2 of 2026-11-28.\n")
        #expect(try footing(#"{"price_book":null}"#).isEmpty && footing("{}").isEmpty)
    }
}
