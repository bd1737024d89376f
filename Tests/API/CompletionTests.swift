import Foundation
import Testing

/// What the Tab key completes in a real bash.
@Suite struct CompletionTests {
    private let team: Team

    init() async throws {
        team = try await Team()
        try await team.setBudget()
    }

    @Test(
        "bash completes commands, and the names that the server has",
        arguments: [
            ("purser budg", ["budget"]), ("purser budget show team/TEA", ["team/TEAM"]),
            ("purser status --team TEA", ["TEAM"]),
            ("purser price show claude-opus-4-5-2025", ["claude-opus-4-5-20251101"]),
            ("purser report month", ["monthly"]), ("purser budget show nothing-like-it", []),
        ])
    func names(line: String, completed: [String]) async throws {
        let line = line.replacing("TEA", with: team.name.dropLast(2))
        let expected = completed.map { $0.replacing("TEAM", with: team.name) }
        var run = try await complete(line, url: team.admin.url)
        // A busy machine may not answer in the time that completion waits.
        for _ in 0..<12 where run.lines != expected { run = try await complete(line, url: team.admin.url) }
        #expect(run.lines == expected, "\(run.errors)")
        #expect(run.errors.isEmpty)
    }

    @Test(
        "a server that is not there completes nothing and says nothing", arguments: ["http://127.0.0.1:9", "nonsense"])
    func unreachable(url: String) async throws {
        let run = try await complete("purser budget show t", url: url)
        #expect(run.lines.isEmpty && run.errors.isEmpty, "\(run.errors)")
    }

    @Test("what may not be read is not completed, and nothing is said")
    func forbidden() async throws {
        let token = try await team.token("router").token
        let run = try await complete("purser budget show t", url: team.admin.url, token: token)
        #expect(run.lines.isEmpty && run.errors.isEmpty, "\(run.errors)")
    }

    private func complete(
        _ line: String, url: String, token: String? = nil
    ) async throws -> (lines: [String], errors: String) {
        let directory = try ScratchDirectory()
        let script = """
            PATH="\(directory.path):$PATH"
            source <(purser --generate-completion-script bash)
            COMP_LINE='\(line)'; COMP_WORDS=($COMP_LINE); COMP_POINT=${#COMP_LINE}; COMP_TYPE=9
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _purser purser "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        try FileManager.default.createSymbolicLink(
            atPath: "\(directory.path)/purser", withDestinationPath: PurserBinary.path)
        let bash = try ChildProcess(
            "/bin/bash", ["-c", script],
            environment: PurserBinary.environment([
                "PURSER_URL": url, "PURSER_TOKEN": token ?? team.admin.token ?? "",
            ]), output: "\(directory.path)/out", errors: "\(directory.path)/err")
        let end = try await bash.ended(atMostSeconds: 60)
        try #require(end.exitCode == 0, "\(directory.text("err"))")
        let lines = directory.text("out").split(separator: "\n").map { line in
            line.hasSuffix(" ") ? String(line.dropLast()) : String(line)
        }
        return (lines, directory.text("err"))
    }
}
