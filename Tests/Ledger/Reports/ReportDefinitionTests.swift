import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A report's file") struct ReportDefinitionTests {
    private static let head = "-- title: T\n-- column a: A\n"

    @Test(
        "says what is wrong with it",
        arguments: [
            ("SELECT 1", "has no title or no columns"), ("-- title: T\nSELECT 1", "has no title or no columns"),
            (head + "-- column b: B | money\n", "has a column that cannot be read"),
            (head + "-- parameter model: M | all of them\n", "has a parameter that cannot be read"),
            (head + "-- parameter model: M\n", "has a parameter that cannot be read"),
            (head + "-- parameter from: F | day\n", "has a first day without a day after the last"),
            (head + "SELECT :model", "has no parameter :model"),
            (head + "-- parameter group_by: G | up to 1 of team\nSELECT :group_by_2", "has no parameter :group_by_2"),
        ])
    func wrong(text: String, problem: String) {
        let error = #expect(throws: ReportError.self) { try ReportDefinition(name: "r", text: text) }
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
    }

    @Test("has its placeholders bound, and leaves casts and other colons alone") func placeholders() throws {
        let text =
            Self.head + """
                -- parameter model: M | names
                SELECT a::text, ':' || 'x: y', list[1:2] WHERE m = ANY(:model) AND t = :team
                """
        let definition = try ReportDefinition(name: "r", text: text)
        let query = ReportQuery(ReportRange(CalendarMonth(text: "2026-10")!), team: "t", values: ["model": ["a", "b"]])
        #expect(
            definition.statement(query).text.contains(
                "SELECT a::text, ':' || 'x: y', list[1:2] WHERE m = ANY($1::text[]) AND t = $2"))
    }

    @Test(
        "takes of a grouping what it names, each once and no more than it allows",
        arguments: [
            ("team", ["team"]), ("team,tag:env", ["team", "tag:env"]), ("tag:KEY", ["tag:KEY"]), ("team,team", nil),
            ("team,model,day", nil), ("tag:", nil), ("nonsense", nil), ("team,", nil), ("Team", nil),
        ] as [(String, [String]?)])
    func grouping(text: String, values: [String]?) throws {
        let parameter = try #require(ReportParameter("group_by: G | up to 2 of team, model, day, tag:KEY"))
        #expect(parameter.values(text) == values)
    }

    @Test(
        "is of a month where its days are the month's",
        arguments: [
            ("2026-10-01", "2026-11-01", "2026-10"), ("2026-10-01", "2026-10-31", nil),
            ("2026-12-01", "2027-01-01", "2026-12"),
        ] as [(String, String, String?)])
    func months(from: String, to: String, month: String?) throws {
        let range = try #require(ReportRange(from: CalendarDay(text: from)!, to: CalendarDay(text: to)!))
        #expect(range.month?.description == month)
        #expect(ReportRange(from: range.to, to: range.from) == nil && ReportRange(from: range.to, to: range.to) == nil)
    }

    @Test("as a page escapes all that it shows, has totals and no script, and cents for people with each exact value")
    func page() async throws {
        try await LedgerFixture.with { fixture in
            let text = """
                -- title: <T> & "more"
                -- column name: Na<me
                -- column cost_usd: Cost | usd | total
                -- column tokens: Tokens | count
                -- column token_usd: A token | price
                SELECT '<script>x</script>' AS name, 1500000000 AS cost_usd, 1234567 AS tokens, 1215 AS token_usd
                UNION ALL SELECT 'b', 1, 0, NULL
                """
            let query = ReportQuery(ReportRange(CalendarMonth(text: "2026-10")!))
            let page = try ReportDefinition(name: "r", text: text).run(query, fixture.connect()).html(team: "a&b")
            #expect(page.hasPrefix("<!DOCTYPE html>") && !page.contains("<script"))
            for part in [
                "<h1>&lt;T&gt; &amp; &quot;more&quot;</h1>", "<td>&lt;script&gt;x&lt;/script&gt;</td>", "Na&lt;me</th>",
                "2026-10 in UTC, team a&amp;b, open, as of ",
                #"<tfoot><tr><td>Total</td><td class="number"><data value="1.500000001">$1.50</data></td>"#,
                #"<data value="1234567">1,234,567</data>"#, #"<data value="0.000001215">0.000001215</data>"#,
                #"<data value="0.000000001">&lt;$0.01</data>"#, #"<td class="number">–</td>"#,
            ] { #expect(page.contains(part), "\(part) in \(page)") }
        }
    }
}
