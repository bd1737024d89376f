import Testing
import Wording

@Suite("The names that a misspelt one was meant for") struct NearestNamesTests {
    @Test("near names are asked for in a sentence of its own, and nothing is asked where none is near")
    func question() {
        #expect(NearestNames.question(for: "serch", among: ["search", "chat"]) == "Did you mean search?")
        #expect(
            NearestNames.question(for: "team-x", among: ["team-a", "team-b", "team-c"])
                == "Did you mean team-a, team-b or team-c?")
        #expect(NearestNames.question(for: "serch", among: ["chat"]) == nil)
    }

    private static let known = ["input_tokens", "output_tokens", "images", "pages", "us", "eu", "claude-opus-4-5"]

    @Test(
        "are those that differ in the fewest letters, if these are few",
        arguments: [
            ("inptu_tokens", " (did you mean input_tokens?)"), ("imagse", " (did you mean images?)"),
            ("claude-opus-45", " (did you mean claude-opus-4-5?)"), ("es", " (did you mean eu or us?)"),
            ("imges", " (did you mean images?)"), ("input_tokens", " (did you mean input_tokens?)"), ("nope", ""),
            ("mars", ""), ("", ""),
        ])
    func hint(name: String, hint: String) {
        #expect(NearestNames.hint(for: name, among: Self.known) == hint)
    }
}
