import JSON
import Testing

/// What the command says of a mistake: once, in its own words, and before anything is done.
@Suite struct CommandMistakeTests {
    private static let set = ["budget", "set", "b", "--team", "t"]

    @Test(
        "a mistake on the command line is told as what it is",
        arguments: [
            (set + ["--limt", "5"], "--limt is not an option of purser budget set. Did you mean --limit?"),
            (set + ["--limt=5"], "--limt is not an option of purser budget set. Did you mean --limit?"),
            (
                ["budget", "set", "b", "--taem", "t", "--limit", "5"],
                "--taem is not an option of purser budget set. Did you mean --team?"
            ),
            (
                ["token", "create", "--roel", "admin"],
                "--roel is not an option of purser token create. Did you mean --role?"
            ),
            (["team", "create", "--nonsense", "x"], "--nonsense is not an option of purser team create."),
            (["budget", "list", "-o", "json"], "-o is not an option of purser budget list. Did you mean --output?"),
            (set + ["--limit", "-5"], "The value '-5' is invalid for '--limit <usd>': it must not be negative"),
            (
                set + ["--limit-calls", "-5"],
                "The value '-5' is invalid for '--limit-calls <calls>': it must not be negative"
            ),
            (
                set + ["--limit", "5", "--downgrade-at", "-5%"],
                "The value '-5%' is invalid for '--downgrade-at <share>': it must not be negative"
            ),
            (["usage", "tail", "--limit", "-5"], "--limit must be 1 to 1000."),
            (
                set + ["--limit", "5", "--downgrade-at", "1100%"],
                "The value '1100%' is invalid for '--downgrade-at <share>': 1100% is more than 1000%, the most"
            ),
            (
                set + ["--limit", "5", "--alert-at", "50%,8"],
                "The value '50%,8' is invalid for '--alert-at <shares>': at '8': 8 is more than the whole; did you mean 8%?"
            ),
            (
                set + ["--limit", "5", "--alert-at", "50%,2000%"],
                "The value '50%,2000%' is invalid for '--alert-at <shares>': at '2000%': 2000% is more than 1000%, the most"
            ),
            (["budgt", "list"], "budgt is not a command of purser. Did you mean budget?"),
            (["budget", "lst"], "lst is not a command of purser budget. Did you mean list?"),
            (
                ["month", "archive"],
                "archive is not a command of purser month. There are: list, show, close, reopen, lock and export."
            ),
            (
                ["token", "delete", "3"],
                "delete is not a command of purser token. There are: create, list and revoke."
            ),
            (
                ["agreement", "add", "a", "--model", "m", "--from", "2026-01-01", "--rate", "bach/output_tokens=10"],
                "The value 'bach/output_tokens=10' is invalid for '--rate <meter=usd>': bach is not a service tier (did you mean batch?); they are standard, batch, flex, priority, fast, ultrafast"
            ),
            (["serve", "--drain-seconds", "-5"], "--drain-seconds must be from 0 to 300."),
            (
                ["report", "monthly", "-o", "json"],
                "The value 'json' is invalid for '-o <file>': -o names a file; --format json writes JSON, and -o ./json a file of that name"
            ),
        ])
    func commandLine(arguments: [String], sentence: String) async throws {
        let run = try await Command.run(arguments, as: Client(url: "http://127.0.0.1:1", token: "x"))
        run.expect(2, output: false, errors: true)
        #expect(run.errors.split(separator: "\n").first == "Error: \(sentence)")
    }

    @Test("what the server refuses is told once, by the names of options")
    func refusedFields() async throws {
        let team = try await Team()
        try await team.setBudget()
        let budget = ["budget", "set", team.budgetID, "--team", team.name, "--limit", "5"]
        let period = try await team.purser(budget + ["--period", "day"])
        period.expect(1, output: false)
        #expect(
            period.errors
                == "Error: --period cannot change: scope, period, time zone and unit of a budget stay what they are.\n")
        let zone = try await team.purser(
            "budget", "set", "x-\(team.name)", "--team", team.name, "--limit", "5", "--time-zone", "Mars/Base")
        zone.expect(1, output: false)
        #expect(zone.errors == "Error: --time-zone must be an IANA time zone, such as Europe/Berlin.\n")
        let unknown = try await team.purser("budget", "set", "x", "--team", "nope", "--limit", "5")
        #expect(unknown.errors == "Error: There is no team nope. An admin makes it with: purser team create nope\n")
    }

    @Test("the version is the server's own, in the command and in the metrics")
    func version() async throws {
        let printed = try await Command.run(["--version"], as: nil)
        printed.expect(0, output: true, errors: false)
        let version = try #require(printed.lines.first)
        #expect(version.contains(/^\d+\.\d+\.\d+/) && printed.lines.count == 1)
        let metrics = try await PurserServer.shared.admin.send("GET", "/metrics")
        #expect(metrics.text.contains("purser_build_info{version=\"\(version)\"} 1\n"))
    }
}
