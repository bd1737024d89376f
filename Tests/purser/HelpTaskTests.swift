import ArgumentParser
import Testing

@testable import purser

@Suite struct HelpTaskTests {
    private static let lines = [Purser.configuration, BudgetCommand.configuration].flatMap { configuration in
        configuration.discussion.split(separator: "\n").filter { $0.hasPrefix("  purser ") }.map(String.init)
    }

    @Test("every command that the help lists for a task is one", arguments: lines)
    func exists(line: String) throws {
        // The quotes are for the shell.
        let words = line.replacing("'", with: "").split(separator: " ").dropFirst().map(String.init)
        #expect(throws: Never.self) { try Purser.parseAsRoot(words) }
        #expect(line.count < 80)
    }

    @Test("tasks are listed with their commands below them")
    func list() {
        let text = HelpTask.list([HelpTask("Do it", "purser a", "purser b"), HelpTask("See it", "purser c")])
        #expect(text == "Do it:\n  purser a\n  purser b\nSee it:\n  purser c")
        #expect(Self.lines.count > 12)
    }
}
