import Foundation
import JSON
import Testing

/// `purser usage import` and `purser usage tail`.
@Suite struct UsageCommandTests {
    @Test("a tail ends once its reader has gone, though no entry comes")
    func closedPipe() async throws {
        let team = try await Team()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("r-1")))
        let reader = try await team.token("team")
        try PurserBinary.requireExecutable()
        let directory = try ScratchDirectory()
        let shell = try ChildProcess(
            "/bin/sh", ["-c", "'\(PurserBinary.path)' usage tail --output csv | head -1"],
            environment: PurserBinary.environment(["PURSER_URL": reader.url, "PURSER_TOKEN": reader.token ?? ""]),
            output: "\(directory.path)/out", errors: "\(directory.path)/err")
        #expect(try await shell.ended(atMostSeconds: 20).exitCode == 0)
        #expect(directory.text("out").hasPrefix("recorded_at,") && directory.text("err").isEmpty)
    }

    @Test("a dry run checks everything as the server would, and books nothing")
    func dryRun() async throws {
        let team = try await Team()
        let header = "id,source,team,model,input_tokens,provider_cost_usd\n"
        let good = "d-1,s,\(team.name),claude-opus-4-5,1200,0.01\n"
        let bad = "d-2,s,nope,claude-opus-4-5,1,\nd-3,s,\(team.name),claude-opus-4-5,x,\n"
        let arguments = ["usage", "import", "--format", "csv", "-"]
        let trial = try await team.purser(arguments + ["--dry-run"], input: header + good + good + bad)
        trial.expect(1, output: true)
        #expect(trial.output == "1 would be accepted, 1 duplicate, 2 rejected (nothing was recorded)\n")
        #expect(
            trial.errors == """
                line 4: d-2: unknown_team: There is no team nope. An admin makes it with: purser team create nope
                line 5: input_tokens, as a meter, must be a whole number, not 'x'

                """)
        #expect(try await team.entries().isEmpty)
        try await team.purser(arguments, input: header + good).expect(0)
        let again = try await team.purser(arguments + ["--dry-run"], input: header + good)
        again.expect(0, errors: false)
        #expect(again.output == "0 would be accepted, 1 duplicate, 0 rejected (nothing was recorded)\n")
    }

    @Test("refusals are told in the order of lines, whoever refuses")
    func order() async throws {
        let team = try await Team()
        let lines = ["nope", "x", "nope", "x"].enumerated().map { number, kind in
            kind == "x" ? "o-\(number),\(team.name),m,x" : "o-\(number),nope,m,1"
        }
        let run = try await team.purser(
            "usage", "import", "--format", "csv", "-",
            input: "id,team,model,input_tokens\n" + lines.joined(separator: "\n"))
        run.expect(1, output: true)
        #expect(
            run.errors.split(separator: "\n").map { $0.prefix(7) } == ["line 2:", "line 3:", "line 4:", "line 5:"])
    }

    @Test("finance imports usage, and what names and tags there are comes back as it was, safe for spreadsheets")
    func roundTrip() async throws {
        let team = try await Team()
        let csv = """
            id,source,team,feature,user,run,tags.env,model,input_tokens,web_searches,provider_cost_usd
            f-1,s,\(team.name),'=1+1,@u,-run,"'=x",claude-opus-4-5,1200,2,0.5

            """
        let imported = try await team.purser(
            "usage", "import", "--format", "csv", "-", as: try await team.token("finance"), input: csv)
        imported.expect(0, output: true, errors: false)
        let entry = try #require(try await team.entries().first)
        #expect(try entry.text("feature") == "=1+1" && entry.text("user") == "@u" && entry.text("run") == "-run")
        #expect(entry["tags"]?.source == #"{"env":"=x"}"#)
        #expect(try entry.money("provider_cost_usd") == 0.5)
        let tail = try await team.purser(
            "usage", "tail", "--once", "--output", "csv", as: try await team.token("team"))
        let rows = tail.lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let row = Dictionary(uniqueKeysWithValues: zip(rows[0], rows[1]))
        #expect(row["feature"] == "'=1+1" && row["user"] == "'@u" && row["run"] == "'-run")
        #expect(row["tags"] == "env==x" && row["provider_cost_usd"] == "0.5")
        #expect(row["usage"] == "input_tokens=1200 web_searches=2" && row["request_id"] == "f-1")
    }
}
