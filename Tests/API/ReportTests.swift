import Foundation
import JSON
import Testing

@Suite struct ReportTests {
    static let month = String(Date().formatted(.iso8601).prefix(7))

    @Test("the reports there are include the four that are promised, and say what they are")
    func list() async throws {
        let reports = try await PurserServer.shared.admin.json("GET", "/v1/reports").list("reports")
        for report in reports {
            report.expect(["name": .text, "title": .text, "parameters": .list])
            for parameter in try report.list("parameters") {
                parameter.expect(["name": .text, "title": .text, "accepts": .text])
            }
        }
        #expect(
            Set(["monthly", "budgets", "models", "verdicts"]).isSubset(of: try reports.map { try $0.text("name") }))
    }

    @Test("the help of the command lists the reports there are, and which are of a month alone")
    func help() async throws {
        let admin = try await PurserServer.shared.admin
        let reports = try await admin.json("GET", "/v1/reports").list("reports")
        // The FOCUS file has options of its own.
        func named(_ reports: [JSONValue]) throws -> [String] {
            (try reports.map { try $0.text("name") } + ["focus"]).sorted()
        }
        let text = try await Command.run(["report", "--help"], as: nil).output.split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        func listed(_ names: [String]) -> String {
            names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
        }
        #expect(text.contains("There are \(listed(try named(reports)))."), "\(text)")
        let monthly = try reports.filter { try !$0.list("parameters").contains { try $0.text("name") == "from" } }
        #expect(text.contains("\(listed(try named(monthly))) are of a month alone."), "\(text)")
    }

    @Test("a report is the same in JSON and CSV", arguments: ["monthly", "budgets", "models", "verdicts"])
    func formats(name: String) async throws {
        let team = try await Team()
        try await team.setBudget()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("r-1", more: #","feature":"f""#)))
        let path = "/v1/reports/\(name)?month=\(Self.month)&team=\(team.name)"
        let report = try await team.admin.json("GET", path)
        report.expect(
            [
                "report": .text, "title": .text, "month": .text, "from": .text, "to": .text, "time_zone": .text,
                "as_of": .time, "price_book": .object, "currency": .object, "state": .text, "team": .orNull(.text),
                "parameters": .object,
                "columns": .list, "rows": .list, "totals": .orNull(.object),
            ])
        let columns = try report.list("columns")
        for column in columns { column.expect(["name": .text, "title": .text, "unit": .text]) }
        let names = try columns.map { try $0.text("name") }
        let rows = try report.list("rows")
        #expect(rows.count == 1)
        for row in rows { #expect(row.fields.map(\.name) == names) }

        let csv = try await team.admin.send("GET", path + "&format=csv")
        #expect(csv.header("Content-Type")?.hasPrefix("text/csv") == true)
        let lines = csv.text.split(whereSeparator: \.isNewline)
        #expect(lines.first.map(String.init) == names.joined(separator: ","))
        #expect(lines.count == rows.count + 1)
        #expect(lines.dropFirst().allSatisfy { $0.contains(team.name) || name == "models" })
    }

    @Test("what a team was charged is in its budget, its entries and its report alike")
    func sums() async throws {
        let team = try await Team()
        try await team.setBudget()
        for index in 1...3 {
            _ = try await team.admin.json(
                "POST", "/v1/settle", Team.settlement(team.hold("s-\(index)"), outputTokens: index * 100))
        }
        let spent = try await team.budget().money("spent_usd")
        #expect(spent == Decimal(string: "0.033"))
        #expect(try await team.entries().map { try $0.money("cost_usd") }.reduce(0, +) == spent)
        let report = try await team.admin.json("GET", "/v1/reports/monthly?month=\(Self.month)&team=\(team.name)")
        #expect(try report.list("rows").map { try $0.money("cost_usd") }.reduce(0, +) == spent)
    }

    @Test("verdicts are counted within a second or two")
    func verdicts() async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.01")
        _ = try await team.authorize("v-1")
        let deadline = ContinuousClock.now + .seconds(15)
        while true {
            let report = try await team.admin.json("GET", "/v1/reports/verdicts?team=\(team.name)")
            if let row = try report.list("rows").first, row["denied"]?.integer == 1 { break }
            try #require(ContinuousClock.now < deadline, "\(report.source)")
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    @Test("the months of the ledger are listed with their state, this one open")
    func months() async throws {
        let months = try await PurserServer.shared.admin.json("GET", "/v1/months").list("months")
        for month in months { month.expect(MonthTests.listed) }
        #expect(try months.contains { try $0.text("month") == Self.month && $0.text("state") == "open" })
    }

    @Test("a report that is not there is not found, with those that are")
    func unknown() async throws {
        let reply = try await PurserServer.shared.admin.send("GET", "/v1/reports/no-such-report")
        try reply.expectProblem(404, "not_found")
        #expect(reply.text.contains("monthly"))
    }
}
