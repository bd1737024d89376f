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

    @Test("a router's log is taken as it is exported, known by its columns, and once")
    func routerLog() async throws {
        let team = try await Team()
        let log =
            #"[{"request_id":"l-\#(team.name)","spend":0.0120001,"prompt_tokens":1200,"completion_tokens":310,"startTime":"2026-10-03 10:00:00.5","model":"claude-opus-4-5","custom_llm_provider":"anthropic","metadata":{}}]"#
        let arguments = ["usage", "import", "-", "--from-format", "litellm", "--team", team.name]
        let trial = try await team.purser(arguments + ["--dry-run"], input: log)
        trial.expect(0, errors: false)
        #expect(trial.output == "1 would be accepted, 0 duplicates, 0 rejected (nothing was recorded)\n")
        for outcome in ["1 accepted, 0 duplicates, 0 rejected\n", "0 accepted, 1 duplicate, 0 rejected\n"] {
            let run = try await team.purser(arguments, input: log)
            #expect(run.exitCode == 0 && run.output == outcome, "\(run.errors)")
        }
        let entry = try #require(try await team.entries().first)
        #expect(try entry.money("provider_cost_usd") == Decimal(string: "0.0120001"))
        #expect(try entry.text("occurred_at") == "2026-10-03T10:00:00.5Z")

        let directory = try ScratchDirectory()
        let path = "\(directory.path)/log.json"
        try log.write(toFile: path, atomically: true, encoding: .utf8)
        let unnamed = try await team.purser("usage", "import", path)
        unnamed.expect(1, output: true, errors: true)
        #expect(unnamed.errors == "This is a log of litellm.\nline 1: it names no team; give --team\n")
        let other = try await team.purser("usage", "import", "-", "--format", "csv", "--team", "t", input: "id\n")
        other.expect(2, output: false, errors: true)
    }

    @Test("what the server warns of is told, each sentence once, also in a trial", arguments: [["--dry-run"], []])
    func warnings(options: [String]) async throws {
        let team = try await Team()
        let rows = ["gpt4o", "claude-opus-4-5", "gpt4o", "gpt4o", "o9"].enumerated().map {
            "w-\($0),\(team.name),\($1),100"
        }
        let run = try await team.purser(
            ["usage", "import", "--format", "csv", "-"] + options,
            input: "id,team,model,input_tokens\n" + rows.joined(separator: "\n"))
        run.expect(0, output: true, errors: true)
        #expect(
            run.errors == """
                warning: line 2: The price book has no model gpt4o, so the call is unpriced. (and 2 events after it)
                warning: line 6: The price book has no model o9, so the call is unpriced.

                """)
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
        #expect(tail.output.contains(#","{""env"":""=x""}","#) && row["request_id"] == "f-1")
    }

    @Test("what a tail writes as CSV another ledger imports as it was")
    func tailIsImported() async throws {
        let (team, other) = (try await Team(), try await Team())
        let usages = [
            #"{"input_tokens":1200,"cache_read_tokens":1000,"output_tokens":310,"reasoning_tokens":300,"web_searches":2}"#,
            #"{"input_tokens":5}"#, #"{"total_tokens":7}"#,
        ]
        let events = usages.enumerated().map { index, usage in
            #"{"id":"c-\#(index)","team":"\#(team.name)","feature":"=f","tags":{"env":"a, \"b\""},"model":"claude-opus-4-5","usage":\#(usage)}"#
        }
        _ = try await team.admin.json("POST", "/v1/usage", #"{"events":[\#(events.joined(separator: ","))]}"#)
        let tail = try await team.purser(
            "usage", "tail", "--once", "--output", "csv", as: try await team.token("team"))
        tail.expect(0, errors: false)
        let header = tail.lines[0].split(separator: ",").map(String.init)
        #expect(
            header.filter { $0.hasSuffix("_tokens") || $0 == "web_searches" } == [
                "input_tokens", "output_tokens", "cache_read_tokens", "unsplit_tokens", "reasoning_tokens",
                "web_searches", "residual_tokens",
            ])
        let imported = try await other.purser(
            "usage", "import", "--format", "csv", "-",
            input: tail.output.replacing(",\(team.name),", with: ",\(other.name),"))
        imported.expect(0)
        #expect(imported.errors.hasPrefix("Not taken, because the ledger makes it itself: recorded_at, entry_id, "))
        func told(_ team: Team) async throws -> [String] {
            try await team.entries().map { entry in
                let fields = ["request_id", "feature", "tags", "model", "usage", "input_tokens", "cost_usd"]
                return fields.map { name in entry.fields.first { $0.name == name }?.value.source ?? "" }
                    .joined(separator: " ")
            }.sorted()
        }
        #expect(try await told(other) == told(team))
    }

    @Test("what the server refuses is called as the columns are called")
    func columns() async throws {
        let team = try await Team()
        let run = try await team.purser(
            "usage", "import", "--format", "csv", "-",
            input: "id,team,model,input_tokens,inptu_tokens,tags.k,service_tier\ne-1,\(team.name),m,1,1,v,gold\n")
        run.expect(1, output: true)
        #expect(
            run.errors == """
                line 2: e-1: invalid_fields: inptu_tokens is not a known meter: inptu_tokens (did you mean input_tokens?); \
                service_tier must be one of standard, batch, flex, priority, fast, ultrafast.

                """)
    }
}
