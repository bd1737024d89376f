import ArgumentParser
import JSON
import Testing

@testable import purser

@Suite struct CommandLineTests {
    private func parse<Command: ParsableCommand>(_ line: String, as type: Command.Type) throws -> Command {
        try #require(try Purser.parseAsRoot(line.split(separator: " ").map(String.init)) as? Command)
    }

    @Test("a budget's options become the API's body, shares as exact numbers and money as text")
    func budgetBody() throws {
        let line = """
            budget set team/search --team search --feature autocomplete --run * --tag env=prod --limit 500.10 \
            --period day --time-zone Europe/Berlin --soft --downgrade-at 80% --alert-at 50%,0.8,100% --if-version 3
            """
        let command = try parse(line, as: BudgetSet.self)
        #expect(
            command.body.text == """
                {"scope":{"team":"search","feature":"autocomplete","run":"*","tags":{"env":"prod"}},"period":"day",\
                "time_zone":"Europe/Berlin","limit_usd":"500.1","enforcement":"soft","downgrade_at":0.8,\
                "alert_at":[0.5,0.8,1]}
                """)
        #expect(command.ifVersion == 3)
    }

    @Test("limits of tokens and calls are numbers", arguments: ["tokens", "calls"])
    func countedLimit(unit: String) throws {
        let command = try parse("budget set b --team a --limit-\(unit) 1000", as: BudgetSet.self)
        let expected = #"{"scope":{"team":"a"},"period":"month","limit_\#(unit)":1000,"enforcement":"hard"}"#
        #expect(command.body.text == expected)
    }

    @Test(
        "a ladder's target is a team, or a team and a feature",
        arguments: [
            ("ladder remove search", "/v1/ladders/search"),
            ("ladder remove search/auto/complete", "/v1/ladders/search/auto%2Fcomplete"),
            ("ladder remove eu/search --feature auto", "/v1/ladders/eu%2Fsearch/auto"),
        ])
    func ladderTarget(line: String, path: String) throws {
        #expect(try parse(line, as: LadderRemove.self).ladder.route().text == path)
    }

    @Test("a ladder keeps the order of its models")
    func ladderBody() throws {
        let command = try parse("ladder set search/auto best good least --floor good", as: LadderSet.self)
        #expect(command.body.text == #"{"models":["best","good","least"],"floor":"good"}"#)
        #expect(command.ladder.parts == ("search", "auto"))
    }

    @Test("a credit has its days, its money as text, and nothing that was not given")
    func creditBody() throws {
        let line = """
            credit add c --provider openai --model gpt-4o --team search --amount 10000.50 --from 2026-11-01 \
            --until 2027-11-01 --note 4711
            """
        #expect(
            try parse(line, as: CreditAdd.self).body.text == """
                {"provider":"openai","model":"gpt-4o","team":"search","amount_usd":"10000.5","valid_from":"2026-11-01",\
                "valid_until":"2027-11-01","note":"4711"}
                """)
        #expect(
            try parse("credit add c --provider p --amount 1 --from 2026-11-01", as: CreditAdd.self).body.text
                == #"{"provider":"p","amount_usd":"1","valid_from":"2026-11-01"}"#)
    }

    @Test("a quote has the wholes and any other meter")
    func quoteBody() throws {
        let line =
            "quote azure/gpt-4o --input 1200 --output 400 --meter web_searches=2 --service-tier batch --at 2026-10-01"
        #expect(
            try parse(line, as: QuoteCommand.self).body.text == """
                {"model":"azure/gpt-4o","service_tier":"batch",\
                "usage":{"input_tokens":1200,"output_tokens":400,"web_searches":2},"at":"2026-10-01T00:00:00Z"}
                """)
    }

    @Test("an explanation is a dry run of authorize")
    func explainBody() throws {
        let line = """
            explain --team search --feature f --user u --run r --tag env=prod --model m --provider p --input 1200 \
            --cached-input 200 --max-output 400 --bound web_searches=1 --servable m --servable n
            """
        #expect(
            try parse(line, as: ExplainCommand.self).body(requestID: "x").text == """
                {"request_id":"x","team":"search","feature":"f","user":"u","run":"r","tags":{"env":"prod"},"model":"m",\
                "provider":"p","input_tokens":1200,"cached_input_tokens":200,"max_output_tokens":400,\
                "bounds":{"web_searches":1},"models":["m","n"],"dry_run":true}
                """)
    }

    @Test("a report asks for JSON where a table is to be made of it")
    func reportRoute() throws {
        let table = try parse("report monthly --month 2026-10 --team a", as: ReportCommand.self)
        #expect(try table.route().text == "/v1/reports/monthly?month=2026-10&team=a&format=json")
        let csv = try parse("report monthly --month 2026-10 --output csv -o f.csv", as: ReportCommand.self)
        #expect(try csv.route().text == "/v1/reports/monthly?month=2026-10&format=csv")
        #expect(csv.file == "f.csv")
    }

    @Test("a price import says how its file is written")
    func priceImportRoute() throws {
        let line = "price import f.json --format litellm --effective-from 2026-11-01 --dry-run"
        let expected = "/v1/prices/import?format=litellm&effective_from=2026-11-01&dry_run=true"
        #expect(try parse(line, as: PriceImport.self).route(isDryRun: true).text == expected)
    }

    @Test(
        "prices begin on a day or at a moment",
        arguments: [("2026-08-16", "2026-08-16"), ("2026-08-16T18:00:00%2B02:00", "2026-08-16T16:00:00Z")])
    func effectiveFrom(given: String, sent: String) throws {
        let line = "price import f.yaml --effective-from \(given.replacing("%2B", with: "+"))"
        let route = try parse(line, as: PriceImport.self).route(isDryRun: false).text
        #expect(route.replacing("%3A", with: ":").hasSuffix("effective_from=\(sent)"), "\(route)")
    }

    @Test("a price check is a listing")
    func priceCheck() throws {
        #expect(try parse("price check", as: PriceCheck.self).listing.output == .table)
        #expect(try parse("price check --output csv", as: PriceCheck.self).listing.output == .csv)
    }

    @Test("fields of a price map that were not taken are counted, the most frequent first")
    func uncarriedFields() throws {
        let warnings = try JSONDocument(
            text: #"[{"model":"a","fields":["y","x"]},{"model":"b","fields":["z","x"]},{"model":"c","fields":[]}]"#)
        #expect(
            PriceImport.uncarried(Array(warnings.root.elements)) == [
                "not taken: x of 2 models", "not taken: y of 1 model", "not taken: z of 1 model",
            ])
    }

    @Test(
        "wrong usage ends with 2 and says so on standard error",
        arguments: [
            "nonsense", "budget set x --limit 5", "budget set x --team a",
            "budget set x --team a --limit 5 --limit-calls 5",
            "budget set x --team a --limit 5 --soft --shadow", "budget set x --team a --limit five",
            "budget set x --team a --limit 5 --period fortnight", "budget list --output xml",
            "token create --role team",
            "token create --role king", "ladder set search a b --floor c", "ladder set /x a", "report",
            "report monthly --month 2026-13", "usage import file.txt", "usage tail --limit 0",
            "alert add a --team t --webhook ftp://x", "explain --team a --model m", "quote", "team create a&b",
            "credit add c --provider p --from 2026-11-01", "credit add c --amount 5 --from 2026-11-01",
            "credit add c --provider p --amount 5", "credit add c --provider p --amount 0 --from 2026-11-01",
            "credit add c --provider p --amount -5 --from 2026-11-01",
            "credit add c --provider p --amount 5 --from 2026-11-31",
            "credit add c --provider p --amount 5 --from 2026-11-01 --until 2026-11-01",
            "credit add a&b --provider p --amount 5 --from 2026-11-01", "credit withdraw", "credit list --output xml",
            "price check --output xml", "price check x", "price import f --format yaml",
        ])
    func wrongUsage(line: String) throws {
        let error = try #require(throws: (any Error).self) {
            try Purser.parseAsRoot(line.split(separator: " ").map(String.init))
        }
        let end = CommandEnd(of: error)
        #expect(end.exitCode == 2)
        #expect(end.standardOutput.isEmpty && end.standardError.hasPrefix("Error: "))
    }

    @Test("help is data and no error", arguments: ["--help", "budget set --help"])
    func help(line: String) throws {
        let error = try #require(throws: (any Error).self) {
            var command = try Purser.parseAsRoot(line.split(separator: " ").map(String.init))
            try command.run()
        }
        let end = CommandEnd(of: error)
        #expect(end.exitCode == 0)
        #expect(end.standardOutput.contains("USAGE: purser") && end.standardError.isEmpty)
    }

    @Test("every subcommand says what it is for")
    func abstracts() {
        func check(_ command: any ParsableCommand.Type) {
            #expect(!command.configuration.abstract.isEmpty, "\(command)")
            command.configuration.subcommands.forEach(check)
        }
        check(Purser.self)
    }
}
