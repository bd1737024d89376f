import Foundation
import Testing

@Suite struct DocumentedSessionTests {
    @Test("docs/budgets.md shows what its commands print")
    func budgets() async throws {
        try await Self.run(try DocumentedSession(page: "docs/budgets.md"))
    }

    @Test("docs/finance.md shows what its commands print, of the month that has ended")
    func finance() async throws {
        let last = try #require(Calendar(identifier: .gregorian).date(byAdding: .month, value: -1, to: .now))
        // The later month first: one month later, the page's two are the last one and the one before.
        let words = [("2026-11", Date.now), ("2026-10", last)].map { word, date in
            (word: word, meaning: String(date.formatted(.iso8601).prefix(7)))
        }
        try await Self.run(try DocumentedSession(page: "docs/finance.md", words: words))
    }

    private static func run(_ session: DocumentedSession) async throws {
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
        #expect(session.steps.count > 30)
        try await session.run(as: server.admin)
    }

    @Test(
        "a line of a page stands for what is printed, with … for any text",
        arguments: [
            (["a  b"], ["a b"], true), (["a b c"], ["a … c"], true), (["a b"], ["a"], false), (["a"], [], false),
            (["x", "y", "z"], ["…", "z"], true), (["x", "y"], ["…", "z"], false), ([], ["a"], false),
            (["in 3 days, 5%"], ["in … days, 5%"], true), (["ab"], ["a…b…c"], false),
        ] as [([String], [String], Bool)])
    func matching(printed: [String], expected: [String], isMatch: Bool) {
        #expect(DocumentedSession.matches(printed, expected) == isMatch)
    }
}
