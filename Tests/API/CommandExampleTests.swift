import JSON
import Testing

@Suite struct CommandExampleTests {
    @Test("examples of the help are not wrapped where no terminal says how wide it is, so that they can be pasted")
    func width() async throws {
        let dump = try await Command.run(["--experimental-dump-help"], as: nil)
        let root = try #require(try JSONDocument(text: dump.output).root["command"])
        var examples = 0
        for discussion in Self.discussions(of: root) {
            for line in discussion.split(separator: "\n") where line.hasPrefix("  ") {
                examples += 1
                #expect(line.count < 80, "\(line)")
            }
        }
        #expect(examples > 30)
    }

    private static func discussions(of command: JSONValue) -> [String] {
        (command["discussion"]?.string.map { [$0] } ?? [])
            + (command["subcommands"].map { $0.elements.flatMap(discussions) } ?? [])
    }
}
