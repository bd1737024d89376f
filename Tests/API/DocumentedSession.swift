import Foundation
import Testing

/// The commands of a page and what it says they print: the lines of its `console` blocks. A line that begins with `$ ` is a
/// command, the lines after it are its output. All commands run in one shell. `words` are what stands for what on the page,
/// such as the name of a month for the one that is meant; they are replaced one after the other.
struct DocumentedSession {
    struct Step: Sendable {
        let command: String
        var expected: [String] = []
    }

    private(set) var steps: [Step] = []

    init(page: String, words: [(word: String, meaning: String)] = []) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        var text = try String(contentsOf: root.appending(path: page), encoding: .utf8)
        for (word, meaning) in words { text = text.replacing(word, with: meaning) }
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside, line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else if isInside {
                try #require(!steps.isEmpty, "\(page) has output before its first command")
                steps[steps.count - 1].expected.append(String(line))
            }
        }
    }

    /// Runs the commands as `client`, and compares what each prints to either output with what the page says.
    func run(as client: Client) async throws {
        let directory = try ScratchDirectory()
        let lines = steps.enumerated().map { "{ \($1.command)\n} >out.\($0) 2>&1" }
        try ("cd \(directory.path)\n" + lines.joined(separator: "\n") + "\n")
            .write(toFile: "\(directory.path)/script", atomically: false, encoding: .utf8)
        let programs = URL(fileURLWithPath: PurserBinary.path).deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let process = try ChildProcess(
            "/bin/bash", ["\(directory.path)/script"],
            environment: PurserBinary.environment([
                "PURSER_URL": client.url, "PURSER_TOKEN": client.token ?? "", "PATH": "\(programs):\(path)",
            ]), input: "/dev/null", output: "\(directory.path)/out", errors: "\(directory.path)/err")
        _ = try await process.ended(atMostSeconds: 300)
        #expect(directory.text("err").isEmpty, "\(directory.text("err"))")
        for (index, step) in steps.enumerated() {
            let printed = directory.text("out.\(index)")
            #expect(
                Self.matches(
                    printed.split(whereSeparator: \.isNewline).map(String.init), step.expected.filter { !$0.isEmpty }),
                "$ \(step.command)\n\(printed)")
        }
    }

    /// Whether lines are as the page says. How wide columns are depends on the day, so several spaces count as one; `…`
    /// stands for any text in a line, and a line of its own for any lines.
    static func matches(_ printed: [String], _ expected: [String]) -> Bool {
        guard let first = expected.first else { return printed.isEmpty }
        let rest = Array(expected.dropFirst())
        if first == "…" { return (0...printed.count).contains { matches(Array(printed.dropFirst($0)), rest) } }
        guard let line = printed.first, matches(line: line, first) else { return false }
        return matches(Array(printed.dropFirst()), rest)
    }

    private static func matches(line: String, _ expected: String) -> Bool {
        var rest = squeezed(line)[...]
        let parts = squeezed(expected).split(separator: "…", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            if index == 0 {
                guard rest.hasPrefix(part) else { return false }
                rest = rest.dropFirst(part.count)
                if isLast { return rest.isEmpty }
            } else if isLast {
                return rest.hasSuffix(part)
            } else {
                guard let found = rest.firstRange(of: part) else { return false }
                rest = rest[found.upperBound...]
            }
        }
        return true
    }

    private static func squeezed(_ line: String) -> String {
        line.split(separator: " ").joined(separator: " ")
    }
}
