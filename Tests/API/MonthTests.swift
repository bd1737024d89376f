import Foundation
import JSON
import Testing

@Suite("/v1/months") struct MonthTests {
    static let listed: [String: Shape] = [
        "month": .text, "state": .text, "version": .orNull(.integer), "closed_at": .orNull(.time),
        "closed_by": .orNull(.text), "total_usd": .money, "entries": .integer, "sha256": .orNull(.text),
    ]

    static let shown = listed.merging([
        "locked": .flag, "checks": .list, "forced": .flag, "reason": .orNull(.text), "cost_centers": .list,
        "adjustments": .list, "price_book": .orNull(.object), "reopenings": .list, "changes": .orNull(.object),
    ]) { $1 }

    /// The month before this one, and noon of its second day.
    private static let last = month(before: ReportTests.month)

    private static func month(before month: String) -> String {
        let parts = month.split(separator: "-").compactMap { Int($0) }
        let (year, month) = parts[1] == 1 ? (parts[0] - 1, 12) : (parts[0], parts[1] - 1)
        return "\(year)-\(month < 10 ? "0" : "")\(month)"
    }

    /// A server of its own, on a database of its own, with a team that has used something in the last month.
    private func withServer(_ body: (Team, OwnDatabase) async throws -> Void) async throws {
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
        let team = try await Team(on: server)
        try await Self.report("a", team)
        try await body(team, database)
    }

    private static func report(_ id: String, in month: String = last, _ team: Team) async throws {
        let event = """
            {"events":[{"id":"\(id)","source":"job","team":"\(team.name)","model":"claude-opus-4-5",
            "occurred_at":"\(month)-02T12:00:00Z","usage":{"input_tokens":1000,"output_tokens":100}}]}
            """
        #expect(try await team.admin.json("POST", "/v1/usage", event)["accepted"]?.integer == 1)
    }

    private static let force = #"{"force":true,"reason":"the invoice comes later"}"#

    @Test("a month that is not ready says why, and closes by force; then its export is what its statement says")
    func close() async throws {
        try await withServer { team, _ in
            let finance = try await team.token("finance")
            let path = "/v1/months/\(Self.last)"
            try await finance.json("GET", path).expect(Self.shown)
            let trial = try await finance.json("POST", "\(path)/close", #"{"dry_run":true}"#)
            trial.expect(Self.shown, optional: ["earlier": .list])
            for check in try trial.list("checks") { check.expect(["code": .text, "status": .text, "message": .text]) }
            let refused = try await finance.send("POST", "\(path)/close", "{}")
            try refused.expectProblem(409, "month_not_ready")
            #expect(try refused.json.list("checks").count == 7)
            try await finance.send("POST", "\(path)/close", #"{"force":true}"#)
                .expectProblem(422, "invalid_fields", pointer: "/reason")
            try await finance.send("GET", "\(path)/export").expectProblem(409, "month_open")
            let closed = try await finance.json("POST", "\(path)/close", Self.force)
            closed.expect(Self.shown)
            #expect(closed["forced"]?.bool == true)
            #expect(try closed.text("reason") == "the invoice comes later")
            #expect(try closed.list("cost_centers").count == 1)
            #expect(try await finance.json("POST", "\(path)/close", "{}").source == closed.source)
            let months = try await finance.json("GET", "/v1/months").list("months")
            for month in months { month.expect(Self.listed) }
            #expect(
                try months.contains { try $0.text("month") == Self.last && $0.text("sha256") == closed.text("sha256") })

            let directory = try ScratchDirectory()
            let file = "\(directory.path)/export.csv"
            try await team.purser("month", "export", Self.last, "-o", file, as: finance).expect(0, output: false)
            let export = try await finance.send("GET", "\(path)/export")
            #expect(directory.text("export.csv") == export.text)
            #expect(export.text.hasPrefix("entry_id,") && export.text.split(separator: "\n").count == 2)

            let own = try await team.token("team")
            let seen = try await own.json("GET", "/v1/months").list("months")
            #expect(seen.allSatisfy { $0["total_usd"]?.isNull == true && $0["sha256"]?.isNull == true })
            try await own.send("GET", path).expectProblem(403, "forbidden")
            try await own.send("POST", "\(path)/close", "{}").expectProblem(403, "forbidden")
            try await finance.send("POST", "/v1/months/2199-01/close", "{}").expectProblem(422, "invalid_fields")
            try await finance.send("POST", "/v1/months/1999-01/close", "{}").expectProblem(404, "not_found")
        }
    }

    @Test("a month is reopened by an admin, closes as version 2 with what has changed, and is locked for good")
    func reopen() async throws {
        try await withServer { team, _ in
            let finance = try await team.token("finance")
            let path = "/v1/months/\(Self.last)"
            let report = "/v1/reports/monthly?month=\(Self.last)"
            _ = try await finance.json("POST", "\(path)/close", Self.force)
            let frozen = try await finance.json("GET", report)
            #expect(try frozen.text("state") == "closed")
            try await Self.report("late", team)
            #expect(try await finance.json("GET", report).source == frozen.source)
            #expect(try await finance.json("GET", path)["entries"]?.integer == 1)
            try await finance.send("POST", "\(path)/reopen", #"{"reason":"r"}"#).expectProblem(403, "forbidden")
            try await team.admin.send("POST", "\(path)/reopen", "{}")
                .expectProblem(422, "invalid_fields", pointer: "/reason")
            let opened = try await team.admin.json("POST", "\(path)/reopen", #"{"reason":"a call was missing"}"#)
            opened.expect(Self.shown)
            #expect(try opened.text("state") == "open")
            try await team.admin.send("POST", "\(path)/lock").expectProblem(409, "month_open")
            try await Self.report("b", team)
            let again = try await finance.json("POST", "\(path)/close", Self.force)
            #expect(again["version"]?.integer == 2)
            let changes = try #require(again["changes"])
            changes.expect([
                "since_version": .integer, "entries": .integer, "difference_usd": .money, "cost_centers": .list,
                "booked": .list,
            ])
            #expect(changes["entries"]?.integer == 1)
            for center in try changes.list("cost_centers") {
                center.expect([
                    "cost_center": .orNull(.text), "before_usd": .money, "after_usd": .money, "difference_usd": .money,
                ])
            }
            for booked in try changes.list("booked") {
                booked.expect(["team": .text, "kind": .text, "source": .text, "entries": .integer, "cost_usd": .money])
            }
            #expect(try await team.admin.json("POST", "\(path)/lock")["locked"]?.bool == true)
            try await team.admin.send("POST", "\(path)/reopen", #"{"reason":"r"}"#).expectProblem(409, "month_locked")
        }
    }

    @Test("the command shows the checks of every month that would close, in each format")
    func earlier() async throws {
        try await withServer { team, _ in
            let before = Self.month(before: Self.last)
            try await Self.report("before", in: before, team)
            let trial = try await team.purser("month", "close", Self.last, "--dry-run")
            trial.expect(6, output: true, errors: true)
            for month in [before, Self.last] {
                #expect(trial.output.contains("Checks of \(month)\n"), "\(trial.output)")
            }
            let csv = try await team.purser("month", "close", Self.last, "--dry-run", "--output", "csv")
            csv.expect(6, output: true, errors: true)
            #expect(csv.lines.first == "status,code,message" && csv.lines.count == 8)
            let json = try await team.purser("month", "close", Self.last, "--dry-run", "--output", "json")
            json.expect(6, output: true, errors: true)
            #expect(json.output.contains(#""earlier":[{"month":"\#(before)""#), "\(json.output)")
        }
    }

    @Test("the command shows the checks, tells what happens in words, and says by its exit code what is not ready")
    func command() async throws {
        try await withServer { team, _ in
            let trial = try await team.purser("month", "close", Self.last, "--dry-run")
            trial.expect(6, output: true, errors: true)
            #expect(trial.output.contains("Checks of \(Self.last)") && trial.output.contains("cost_center"))
            let refused = try await team.purser("month", "close", Self.last)
            refused.expect(6, output: true, errors: true)
            #expect(refused.errors == "\(Self.last) is not ready to close; nothing was changed.\n")
            try await team.purser("month", "close", Self.last, "--force").expect(2)
            let closed = try await team.purser(
                "month", "close", Self.last, "--force", "--reason", "invoice comes later")
            closed.expect(0, output: true, errors: false)
            #expect(closed.output.contains("\(Self.last) is closed: 1 entry for"))
            #expect(closed.output.contains("It was closed by force: invoice comes later"))
            let again = try await team.purser("month", "close", Self.last)
            again.expect(0, output: true, errors: true)
            #expect(again.errors == "\(Self.last) is closed already; nothing was changed.\n")
            let shown = try await team.purser("month", "show", Self.last)
            #expect(shown.output.contains("COST CENTRE") && shown.output.contains("The SHA-256 of its export is"))
            try await team.purser("month", "list").expect(0, output: true, errors: false)
            try await team.purser("month", "reopen", Self.last, "--reason", "r").expect(0, output: true)
            try await team.purser("month", "lock", Self.last, "--yes").expect(1)
        }
    }

    @Test("finance verifies the ledger over the API, and finds what was changed in a closed month")
    func verification() async throws {
        try await withServer { team, database in
            let finance = try await team.token("finance")
            _ = try await finance.json("POST", "/v1/months/\(Self.last)/close", Self.force)
            let report = try await finance.json("GET", "/v1/verification?extent=everything")
            report.expect(["holds": .flag, "extent": .text, "checks": .list])
            #expect(report["holds"]?.bool == true, "\(report.source)")
            for check in try report.list("checks") {
                check.expect(["claim": .text, "checked": .integer, "problems": .list, "gaps": .list])
            }
            try await database.execute("SET session_replication_role = replica; UPDATE ledger SET region = 'x'")
            let found = try await finance.json("GET", "/v1/verification?extent=everything")
            #expect(found["holds"]?.bool == false && found.source.contains("are not those it was closed with"))
            try await finance.send("GET", "/v1/verification?extent=x").expectProblem(
                422, "invalid_fields", pointer: "/extent")
        }
    }
}
