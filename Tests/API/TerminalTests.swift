import Foundation
import Testing

/// What only a terminal shows: a title, signs, colours, and columns that fit.
@Suite struct TerminalTests {
    private let team: Team

    init() async throws {
        team = try await Team()
        try await team.setBudget()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("r-1")))
    }

    @Test(
        "a list has a title and fits; it has colours and signs unless they are not wanted",
        arguments: [
            ([:], true, true), (["NO_COLOR": "1"], false, true), (["NO_COLOR": ""], true, true),
            (["TERM": "dumb"], false, false),
        ] as [([String: String], Bool, Bool)])
    func list(environment: [String: String], hasColours: Bool, hasSigns: Bool) async throws {
        let lines = try await onTerminal("budget list --team \(team.name)", columns: 80, environment)
        #expect(lines[0].hasPrefix("Budgets of team \(team.name), as of 2"), "\(lines)")
        #expect(lines.contains { $0.contains("\u{1B}[") } == hasColours, "\(lines)")
        #expect(lines.contains { $0.contains("●") && $0.contains("█") } == hasSigns, "\(lines)")
        let plain = lines.map { $0.replacing(/\u{1B}\[\d+m/, with: "") }
        #expect(plain.allSatisfy { $0.count <= 80 }, "\(plain)")
        #expect(plain.contains { $0.hasPrefix("Left out, because the terminal is too narrow: SCOPE") }, "\(plain)")
    }

    @Test("in a pipe the first line has the headings and each other one is a row")
    func pipe() async throws {
        let list = try await team.purser("budget", "list", "--team", team.name)
        list.expect(0, errors: false)
        #expect(list.lines.count == 2 && list.lines[0].hasPrefix("ID ") && list.lines[1].hasPrefix(team.budgetID))
        #expect(list.lines[1].contains("$0.01") && list.lines[1].contains("<1%"), "\(list.output)")
        let exact = try await team.purser("budget", "list", "--team", team.name, "--exact")
        #expect(exact.lines[1].contains("$0.01375") && exact.lines[1].contains("Z"), "\(exact.output)")
    }

    /// The lines that a command writes to a terminal of so many columns.
    private func onTerminal(
        _ command: String, columns: Int, _ environment: [String: String]
    ) async throws -> [String] {
        let directory = try ScratchDirectory()
        let process = try ChildProcess(
            "/usr/bin/script",
            ["-qec", "stty cols \(columns) rows 50; exec \(PurserBinary.path) \(command)", "/dev/null"],
            environment: PurserBinary.environment([
                "PURSER_URL": team.admin.url, "PURSER_TOKEN": team.admin.token ?? "", "TERM": "xterm",
            ]).merging(environment) { $1 },
            output: "\(directory.path)/out", errors: "\(directory.path)/err")
        let end = try await process.ended(atMostSeconds: 60)
        try #require(end.exitCode == 0, "\(directory.text("out"))\(directory.text("err"))")
        return directory.text("out").split(whereSeparator: \.isNewline).map(String.init)
    }
}
