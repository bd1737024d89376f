import Foundation
import JSON
import Testing

/// Runs each client command once, against a real server.
@Suite struct CommandTests {
    @Test("team create tells whether it made one, on standard error")
    func team() async throws {
        let team = try await Team()
        let made = try await team.purser("team", "create", "\(team.name)-2")
        made.expect(0, output: false, errors: true)
        #expect(made.errors.contains("is made"))
        let again = try await team.purser("team", "create", "\(team.name)-2")
        again.expect(0, output: false)
        #expect(again.errors.contains("already"))
        let list = try await team.purser("team", "list", "--output", "csv")
        list.expect(0, errors: false)
        #expect(list.lines.contains { $0.hasPrefix("\(team.name)-2,") })
    }

    @Test("token create prints the token alone, and the token works until it is revoked")
    func token() async throws {
        let team = try await Team()
        let made = try await team.purser("token", "create", "--role", "team", "--team", team.name)
        made.expect(0, output: true, errors: true)
        let token = try #require(made.lines.first)
        #expect(made.lines.count == 1 && !made.errors.contains(token))
        let client = team.admin.with(token: String(token))
        try await team.purser("budget", "list", as: client).expect(0, errors: false)

        let list = try await team.purser("token", "list", "--output", "json")
        list.expect(0, errors: false)
        let mine = try #require(
            try JSONDocument(text: list.output).root.list("tokens").first { $0["team"]?.string == team.name })
        #expect(!list.output.contains(token))
        try await team.purser("token", "revoke", mine.text("id")).expect(0, output: false, errors: true)
        try await team.purser("budget", "list", as: client).expect(1, output: false, errors: true)
    }

    @Test(
        "a budget is set, shown, listed, told of and removed",
        arguments: ["--limit", "--limit-tokens", "--limit-calls"])
    func budget(limit: String) async throws {
        let team = try await Team()
        try await team.setLadderAndAlert()
        let set = try await team.purser(
            "budget", "set", team.budgetID, "--team", team.name, "--feature", "f", "--user", "u", limit, "500",
            "--period",
            "month", "--soft", "--downgrade-at", "80%", "--alert-at", "50%,80%,100%", "--output", "json")
        set.expect(0, errors: false)
        let budget = try JSONDocument(text: set.output).root
        #expect(budget["enforcement"]?.string == "soft" && budget["downgrade_at"]?.source == "0.8")
        #expect(budget["scope"]?.source == #"{"team":"\#(team.name)","feature":"f","user":"u"}"#)
        for (arguments, line) in [
            (["show", team.budgetID], 1), (["list", "--team", team.name], 1), (["history", team.budgetID], 1),
        ] {
            let csv = try await Command.run(
                ["budget"] + arguments + ["--output", "csv"], as: try await team.token("team"))
            csv.expect(0, errors: false)
            #expect(csv.lines.count == line + 1, "\(csv.output)")
            let table = try await Command.run(["budget"] + arguments, as: team.admin)
            table.expect(0, output: true, errors: false)
            #expect(table.output.contains("500"))
        }
        try await team.purser("budget", "remove", team.budgetID).expect(0, output: false, errors: true)
        try await team.purser("budget", "show", team.budgetID).expect(1, output: false, errors: true)
    }

    @Test("a budget is replaced only in the version that is named")
    func budgetVersion() async throws {
        let team = try await Team()
        try await team.setBudget()
        for (version, code) in [("1", Int32(0)), ("1", 1)] {
            try await team.purser(
                "budget", "set", team.budgetID, "--team", team.name, "--limit", "5", "--if-version", version
            ).expect(code)
        }
        #expect(try await team.budget().money("limit_usd") == 5)
    }

    @Test("a ladder is set, listed and removed")
    func ladder() async throws {
        let team = try await Team()
        try await team.purser(
            "ladder", "set", "\(team.name)/chat", "claude-opus-4-5", "claude-haiku-4-5", "--floor", "claude-haiku-4-5"
        ).expect(0, output: false, errors: true)
        let list = try await team.purser("ladder", "list", "--team", team.name, "--output", "csv")
        list.expect(0, errors: false)
        #expect(list.lines.last == #"\#(team.name),chat,"claude-opus-4-5, claude-haiku-4-5",claude-haiku-4-5"#)
        try await team.purser("ladder", "remove", "\(team.name)/chat").expect(0, output: false)
        try await team.purser("ladder", "remove", "\(team.name)/chat").expect(1, output: false, errors: true)
    }

    @Test("prices are listed, shown and imported")
    func price() async throws {
        let team = try await Team()
        let list = try await team.purser("price", "list", "--model", "claude-opus-4-5", "--output", "csv")
        list.expect(0, errors: false)
        #expect(list.lines.first?.hasPrefix("id,provider,model,meter,") == true && list.lines.count > 2)
        let show = try await team.purser("price", "show", "claude-opus-4-5")
        show.expect(0, output: true)
        #expect(show.output.contains("output_tokens"))

        let directory = try ScratchDirectory()
        let file = "\(directory.path)/prices.yaml"
        try PriceTests.file(team.name).write(toFile: file, atomically: true, encoding: .utf8)
        let trial = try await team.purser("price", "import", file, "--dry-run")
        trial.expect(0)
        #expect(trial.errors.contains("USD NOW") && trial.errors.contains("output_tokens"))
        #expect(trial.lines == ["2 added, 0 ended, 0 unchanged (nothing was changed)"])
        #expect(try await team.admin.json("GET", "/v1/prices?provider=test-\(team.name)").list("prices").isEmpty)
        try await team.purser("price", "import", file, "--format", "purser").expect(0)
        let imported = try await team.purser("price", "import", "-", input: PriceTests.file(team.name))
        imported.expect(0)
        #expect((imported.output + imported.errors).contains("2 unchanged"))
        try await team.purser("price", "import", "\(directory.path)/none.yaml").expect(1, output: false, errors: true)
    }

    @Test("agreements are added, told by quote, listed and ended") func agreement() async throws {
        let team = try await Team()
        let name = "a-\(team.name)"
        let terms = ["--team", team.name, "--discount", "12.5%", "--from", "2026-01-01"]
        try await team.purser(["agreement", "add", name] + terms).expect(0, errors: true)
        try await team.purser(["agreement", "add", name] + terms + ["--until", "2999-01-01"]).expect(0, errors: true)
        let quote = try await team.purser(
            "quote", "claude-opus-4-5", "--input", "1200", "--output", "400", "--team", team.name)
        quote.expect(0, output: true, errors: true)
        #expect(quote.lines.last?.contains("0.014") == true)
        #expect(quote.errors.contains("under the agreement \(name); the list cost is $0.016"))
        let rates = [
            "--model", "claude-opus-4-5", "--rate", "input_tokens=4", "--rate", "batch/output_tokens=8", "--rate",
            "batch/output_tokens>200000=10",
        ]
        try await team.purser(
            ["agreement", "add", "r-\(team.name)", "--team", team.name, "--from", "2026-01-01"] + rates
        ).expect(0, errors: true)
        let list = try await team.purser("agreement", "list", "--team", team.name, "--output", "csv")
        list.expect(0)
        #expect(list.lines.contains { $0.hasPrefix("\(name),\(team.name),,,0.125,") })
        #expect(list.output.contains("above_context_tokens=200000 unit_price_usd=0.00001"))
        try await team.purser("agreement", "end", name).expect(0, errors: true)
        try await team.purser("agreement", "end", "none-\(name)").expect(1, output: false, errors: true)
        for wrong in [
            ["--from", "2026-01-01"], ["--discount", "5%"],
            ["--discount", "5%", "--markup", "5%", "--from", "2026-01-01"],
            ["--rate", "input_tokens=4", "--from", "2026-01-01"],
            ["--model", "gpt-4o", "--rate", "input_tokens", "--from", "2026-01-01"],
            ["--model", "gpt-4o", "--rate", "cheap/input_tokens=1", "--from", "2026-01-01"],
            ["--discount", "5%", "--from", "2026-01-02", "--until", "2026-01-01"],
        ] {
            try await team.purser(["agreement", "add", "w"] + wrong).expect(2, output: false, errors: true)
        }
    }

    @Test("price rerate shows why and for each team what changes, books it, and has nothing to do again") func rerate()
        async throws
    {
        let team = try await Team()
        let model = "model-of-\(team.name)"
        func importPrice(_ usd: String) async throws {
            try await team.purser("price", "import", "-", input: PriceTests.file(team.name, input: usd)).expect(0)
        }
        try await importPrice("2.50")
        _ = try await team.admin.json(
            "POST", "/v1/usage",
            #"{"events":[{"id":"rerate-\#(team.name)","team":"\#(team.name)","model":"\#(model)","usage":{"input_tokens":1000000}}]}"#
        )
        try await importPrice("3")
        let day = Date().formatted(.iso8601.year().month().day())
        let trial = try await team.purser("price", "rerate", "--from", day, "--model", model, "--dry-run")
        trial.expect(0, output: true, errors: true)
        #expect(trial.errors.contains("nothing was booked"))
        let reason = "input_tokens of test-\(team.name)/\(model): 2.50 → 3.00 USD per million since 2020-01-01"
        #expect(trial.lines.count == 2 && trial.lines[1].hasPrefix("price_changed") && trial.lines[1].hasSuffix(reason))
        let unasked = try await team.purser("price", "rerate", "--from", day, "--model", model)
        unasked.expect(2, output: true, errors: true)
        #expect(unasked.errors.contains("Nobody can be asked here: --yes is needed."))
        let booked = try await team.purser(
            "price", "rerate", "--from", day, "--model", model, "--yes", "--by", "team", "--output", "csv")
        booked.expect(0, output: true, errors: true)
        #expect(booked.lines.last == "\(team.name),1,0,0,0,2.5,3,0.5")
        #expect(booked.errors.contains("Booked 1 correction of $0.50."))
        let again = try await team.purser("price", "rerate", "--from", day, "--model", model)
        again.expect(0, errors: true)
        #expect(again.errors.contains("nothing to correct"))
        let report = try await team.purser(
            "report", "rerates", "--month", String(day.prefix(7)), "--team", team.name, "--format", "csv")
        report.expect(0, errors: false)
        #expect(report.lines.count == 2 && report.lines[1].hasSuffix(",0,1,0.5"))
        try await team.purser("price", "rerate").expect(2, output: false, errors: true)
        try await team.purser("price", "rerate", "--from", day, "--to", "2020-01-01").expect(
            2, output: false, errors: true)
    }

    @Test("a quote adds up; what cannot be priced is said and exits 1")
    func quote() async throws {
        let team = try await Team()
        let quote = try await team.purser("quote", "claude-opus-4-5", "--input", "1200", "--output", "400")
        quote.expect(0, errors: true)
        #expect(quote.errors.hasPrefix("Priced as claude-opus-4-5 of anthropic: a bare name means its maker's own API"))
        #expect(quote.lines.last?.contains("0.016") == true)
        let json = try await team.purser(
            "quote", "claude-opus-4-5", "--input", "1200", "--output", "400", "--service-tier", "batch", "--meter",
            "cache_read_tokens=1000", "--format", "json")
        json.expect(0, errors: false)
        #expect(try JSONDocument(text: json.output).root.list("lines").count == 3)
        try await team.purser("quote", "no-such-model", "--input", "1").expect(1, errors: true)
    }

    @Test("explain tells a verdict in words and holds nothing")
    func explain() async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.01")
        let words = try await team.purser(
            "explain", "--team", team.name, "--feature", "f", "--model", "claude-opus-4-5", "--input", "1200",
            "--max-output", "400")
        words.expect(0, errors: false)
        #expect(words.output.hasPrefix("Deny") && words.output.contains(team.budgetID))
        let json = try await team.purser(
            "explain", "--team", team.name, "--model", "claude-haiku-4-5", "--input", "1", "--max-output", "1",
            "--output",
            "json")
        json.expect(0, errors: false)
        #expect(try JSONDocument(text: json.output).root.text("verdict") == "admit")
        #expect(try await team.budget().money("held_usd") == 0)
    }

    @Test("usage is imported from CSV and NDJSON, twice without harm, and told with what was rejected")
    func usage() async throws {
        let team = try await Team()
        let directory = try ScratchDirectory()
        let csv = "\(directory.path)/calls.csv"
        try """
        id,source,team,feature,tags.env,model,input_tokens,output_tokens
        c-1,\(team.name),\(team.name),f,prod,claude-opus-4-5,1200,310
        c-2,\(team.name),\(team.name),"f",,claude-opus-4-5,1200,310

        """.write(toFile: csv, atomically: true, encoding: .utf8)
        for tally in ["2 accepted, 0 duplicates, 0 rejected", "0 accepted, 2 duplicates, 0 rejected"] {
            let imported = try await team.purser("usage", "import", csv)
            imported.expect(0, errors: false)
            #expect(imported.output == tally + "\n")
        }
        let event = { (id: String, team: String) in
            #"{"id":"\#(id)","source":"\#(team)","team":"\#(team)","model":"claude-opus-4-5","usage":{"input_tokens":1}}"#
        }
        let some = try await team.purser(
            "usage", "import", "--format", "ndjson", "-",
            input: "\(event("n-1", team.name))\n\(event("n-2", "no-such-team"))\n")
        some.expect(1, output: true, errors: true)
        #expect(some.output == "1 accepted, 0 duplicates, 1 rejected\n" && some.errors.contains("no-such-team"))
        #expect(try await team.entries().count == 3)

        let tail = try await team.purser("usage", "tail", "--once", "--output", "csv", as: try await team.token("team"))
        tail.expect(0, errors: false)
        #expect(tail.lines.count == 4)
    }

    @Test("a report is printed or written to a file, whole")
    func report() async throws {
        let team = try await Team()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("r-1")))
        for name in ["monthly", "budgets", "models", "verdicts"] {
            for format in ["table", "csv", "json"] {
                let report = try await team.purser(
                    "report", name, "--month", ReportTests.month, "--team", team.name, "--format", format)
                report.expect(0, output: true, errors: false)
                if format == "json" { #expect(try JSONDocument(text: report.output).root.text("report") == name) }
            }
        }
        let directory = try ScratchDirectory()
        let file = "\(directory.path)/report.csv"
        let written = try await team.purser(
            "report", "monthly", "--month", ReportTests.month, "--team", team.name, "--format", "csv", "-o", file)
        written.expect(0, output: false)
        #expect(directory.text("report.csv").contains("0.01375"))
        try await team.purser("report", "no-such-report", "--month", ReportTests.month, "-o", file)
            .expect(1, output: false, errors: true)
        #expect(directory.text("report.csv").contains("0.01375"))
    }

    @Test("a credit is added, again without harm, listed, reported and withdrawn") func credit() async throws {
        let team = try await Team()
        let first = ReportTests.month + "-01"
        let arguments = [
            "credit", "add", team.name, "--provider", "anthropic", "--model", "claude-opus-4-5", "--team", team.name,
            "--amount", "10", "--from", first, "--until", "2199-01-01", "--note", "order, 4711",
        ]
        for _ in 1...2 {
            let added = try await Command.run(arguments + ["--output", "json"], as: try await team.token("finance"))
            added.expect(0, output: true, errors: false)
            #expect(try JSONDocument(text: added.output).root.money("remaining_usd") == 10)
        }
        let another = try await Command.run(arguments + ["--amount", "11"], as: team.admin)
        another.expect(1, output: false, errors: true)
        #expect(another.errors.contains("--amount"))
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("r-1")))
        let list = try await team.purser("credit", "list", "--output", "csv")
        list.expect(0, errors: false)
        #expect(
            list.lines.first
                == "id,provider,model,team,amount_usd,drawn_usd,remaining_usd,valid_from,valid_until,withdrawn_at,note,added_at,added_by"
        )
        let row = try #require(list.lines.first { $0.hasPrefix("\(team.name),") })
        #expect(
            row.hasPrefix(
                "\(team.name),anthropic,claude-opus-4-5,\(team.name),10,0.01375,9.98625,\(first),2199-01-01,,"
                    + #""order, 4711","#))
        for (report, end) in [("credits", ",10,0.01375,9.98625"), ("invoice", ",0.01375,0.01375,0.01375,0,0,0")] {
            let printed = try await team.purser("report", report, "--team", team.name, "--format", "csv")
            printed.expect(0, errors: false)
            #expect(printed.lines.count == 2 && printed.lines[1].hasSuffix(end), "\(printed.output)")
        }
        let withdrawn = try await team.purser("credit", "withdraw", team.name)
        withdrawn.expect(0, output: false, errors: true)
        #expect(withdrawn.errors == "The credit \(team.name) is withdrawn.\n")
        try await Command.run(arguments, as: team.admin).expect(1, output: false, errors: true)
        try await team.purser("credit", "withdraw", "no-such-credit").expect(1, output: false, errors: true)
    }

    @Test("months are listed")
    func month() async throws {
        let list = try await Team().purser("month", "list", "--output", "csv")
        list.expect(0, errors: false)
        #expect(list.lines.first == "month,state,version,closed_at,closed_by,entries,total_usd,sha256")
        #expect(list.lines.contains { $0.hasPrefix("\(ReportTests.month),open,") })
    }

    @Test("an alert is added with its secret alone on standard output, listed, tried and removed")
    func alert() async throws {
        let team = try await Team()
        let add = try await team.purser(
            "alert", "add", team.name, "--team", team.name, "--webhook", "http://127.0.0.1:9/")
        add.expect(0, output: true, errors: true)
        #expect(add.lines.count == 1 && add.output.hasPrefix("whsec_"))
        let list = try await team.purser("alert", "list", "--output", "csv")
        #expect(list.lines.contains { $0.hasPrefix("\(team.name),\(team.name),") })
        try await team.purser("alert", "test", team.name).expect(1, output: false, errors: true)
        try await team.purser("alert", "remove", team.name).expect(0, output: false, errors: true)
        try await team.purser("alert", "test", team.name).expect(1, output: false, errors: true)
    }

    @Test(
        "every listing is a table, JSON or CSV of the same rows",
        arguments: [
            ["team", "list"], ["token", "list"], ["budget", "list"], ["ladder", "list"], ["price", "list"],
            ["month", "list"],
            ["alert", "list"], ["credit", "list"], ["usage", "tail", "--once"],
        ])
    func listings(command: [String]) async throws {
        let admin = try await Team().admin
        for output in ["table", "json", "csv"] {
            let listing = try await Command.run(command + ["--output", output], as: admin)
            listing.expect(0, output: true, errors: false)
            if output == "json" { #expect(try JSONDocument(text: listing.output).root.kind == .object) }
        }
        try await Command.run(command + ["--output", "xml"], as: admin).expect(2, output: false, errors: true)
    }
}
