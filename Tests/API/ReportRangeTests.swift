import Foundation
import JSON
import Testing

@Suite("The range of a report") struct ReportRangeTests {
    private static let month = ReportTests.month
    private static let today = String(Date().formatted(.iso8601).prefix(10))
    /// The first day of the month after this one.
    private static var end: String {
        let (year, month) = (Int(month.prefix(4))!, Int(month.suffix(2))!)
        return month == 12 ? "\(year + 1)-01-01" : "\(year)-\(String(format: "%02d", month + 1))-01"
    }

    @Test("in days is half-open, and that of a month where the days are the month's")
    func days() async throws {
        let team = try await Team()
        _ = try await team.admin.json(
            "POST", "/v1/settle",
            Team.settlement(team.hold("d-1", more: #","feature":"f","user":"ann","tags":{"env":"a, b"}"#)))
        for name in ["spend", "models", "users"] {
            let path = "/v1/reports/\(name)?team=\(team.name)"
            let month = try await team.admin.json("GET", path + "&month=\(Self.month)")
            let days = try await team.admin.json("GET", path + "&from=\(Self.month)-01&to=\(Self.end)")
            #expect(try month["rows"]?.source == days["rows"]?.source && days.text("month") == Self.month)
            #expect(try days.text("to") == Self.end && days.text("team") == team.name)
            #expect(try days.list("rows").count == 1)
            let part = try await team.admin.json("GET", path + "&from=\(Self.today)&to=\(Self.end)")
            let isWhole = Self.today.hasSuffix("-01")
            #expect(try part.list("rows").count == 1 && (part["month"]?.isNull == !isWhole))
        }
    }

    @Test(
        "that is none is refused with what is wrong with it",
        arguments: [
            ("spend", "from=2026-10-01", "/to"), ("spend", "to=2026-10-01", "/from"),
            ("spend", "from=2026-10-02&to=2026-10-01", "/to"), ("spend", "from=2026-10-01&to=2026-10-01", "/to"),
            ("spend", "from=2199-10-01&to=2199-10-02", "/from"), ("spend", "from=2026-10-01&to=2199-10-02", "/to"),
            ("spend", "from=2026-10-01&to=2026-10-02&month=2026-10", "/month"),
            ("spend", "from=October&to=2026-11-01", "/from"),
            ("spend", "month=2199-01", "/month"), ("spend", "group_by=team,team", "/group_by"),
            ("spend", "group_by=team,model,day", "/group_by"), ("spend", "group_by=colour", "/group_by"),
            ("spend", "colour=red", "/colour"), ("spend", "day=2026-10-32", "/day"),
            ("spend", "week=2026-10-06", "/week"),
            ("spend", "day=2026-10-01,x", "/day"), ("spend", "tag:=x", "/tag:"),
            ("models", "group_by=team", "/group_by"),
            ("monthly", "from=2026-10-01&to=2026-11-01", "/from"), ("budgets", "to=2026-11-01", "/to"),
        ])
    func wrong(report: String, query: String, pointer: String) async throws {
        try await PurserServer.shared.admin.send("GET", "/v1/reports/\(report)?\(query)")
            .expectProblem(422, "invalid_fields", pointer: pointer)
    }

    @Test("and groups and filters are those of the spending, in every format, and a team's token sees its own alone")
    func spend() async throws {
        let team = try await Team()
        for (id, user, tag) in [("s-1", "ann", "a, b"), ("s-2", "bob", "c")] {
            _ = try await team.admin.json(
                "POST", "/v1/settle",
                Team.settlement(team.hold(id, more: #","feature":"f","user":"\#(user)","tags":{"env":"\#(tag)"}"#)))
        }
        let own = try await team.token("team")
        let path = "/v1/reports/spend?group_by=user,tag:env"
        let report = try await own.json("GET", path)
        let rows = try report.list("rows")
        #expect(try rows.map { try $0.text("user") } == ["ann", "bob"])
        #expect(rows.map { $0["tag:env"]?.string } == ["a, b", "c"])
        #expect(try #require(report["totals"]).money("cost_usd") == Decimal(string: "0.0275"))
        let one = try await own.json("GET", path + "&tag:env=a,%20b")
        #expect(try one.list("rows").count == 1)
        #expect(try #require(one["parameters"]).list("group_by").count == 2)
        let csv = try await own.send("GET", path + "&format=csv")
        #expect(csv.text.hasPrefix("user,tag:env,adjusts_month,calls"))
        let page = try await own.send("GET", path + "&format=html")
        #expect(page.header("Content-Type") == "text/html; charset=utf-8" && page.text.contains("<td>ann</td>"))
        try await own.send("GET", path + "&team=no-such").expectProblem(403, "forbidden")
        try await own.send("GET", path + "&format=pdf").expectProblem(422, "invalid_fields", pointer: "/format")
    }

    @Test("is in the title of the command's table, which groups and filters too")
    func command() async throws {
        let team = try await Team()
        _ = try await team.admin.json(
            "POST", "/v1/settle", Team.settlement(team.hold("c-1", more: #","user":"ann","tags":{"env":"p"}"#)))
        let words = [
            "report", "spend", "--from", "\(Self.month)-01", "--to", Self.end, "--team", team.name, "--group-by",
            "user,tag:env",
            "--filter", "model=claude-opus-4-5,other", "--filter", "tag:env=p",
        ]
        let table = try await team.purser(words, as: team.admin)
        table.expect(0, output: true, errors: false)
        #expect(table.output.contains("\(Self.month) in UTC, team \(team.name), open") && table.output.contains("ann"))
        let page = try await team.purser(words + ["--format", "html"], as: team.admin)
        #expect(page.output.hasPrefix("<!DOCTYPE html>"))
        try await team.purser(["report", "spend", "--from", "2026-10-01"], as: team.admin).expect(2)
        let wrong = try await team.purser(["report", "spend", "--group-by", "colour"], as: team.admin)
        wrong.expect(1)
        #expect(wrong.errors.contains("--group-by must be up to 2 of team"), "\(wrong.errors)")
    }
}
