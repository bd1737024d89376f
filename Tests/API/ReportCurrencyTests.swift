import Foundation
import JSON
import Testing

@Suite("A report in another currency") struct ReportCurrencyTests {
    private static func rates(_ text: String, in directory: ScratchDirectory) throws -> String {
        let path = "\(directory.path)/rates.csv"
        try ("date,currency,per_usd\n" + text).write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test("has its amounts at the rate of its last day, exactly, in every format, and follows the file")
    func told() async throws {
        let directory = try ScratchDirectory()
        let path = try Self.rates("2020-01-01,EUR,0.5\n2199-01-01,EUR,7\n", in: directory)
        let server = try await PurserServer(
            in: directory,
            environment: [
                "PURSER_SHARE": PurserBinary.share, "PURSER_CURRENCY_RATES": path,
            ])
        let team = try await Team(on: server)
        try await team.setBudget()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("c-1")))
        let query = "/v1/reports/monthly?team=\(team.name)"
        let dollars = try await team.admin.json("GET", query)
        #expect(dollars["currency"]?["code"]?.string == "USD")
        let euros = try await team.admin.json("GET", query + "&currency=EUR")
        let currency = try #require(euros["currency"])
        currency.expect(["code": .text, "per_usd": .text, "date": .text])
        #expect(try currency.text("per_usd") == "0.5" && currency.text("date") == "2020-01-01")
        let column = try #require(try euros.list("columns").first { $0["name"]?.string == "cost_eur" })
        #expect(try column.text("unit") == "eur")
        #expect(try euros.list("columns").allSatisfy { try !$0.text("name").hasSuffix("_usd") })
        let (usd, eur) = (try dollars.list("rows")[0], try euros.list("rows")[0])
        #expect(try usd.money("cost_usd") == eur.money("cost_eur") * 2 && eur.money("cost_eur") > 0)
        #expect(try #require(euros["totals"]).money("cost_eur") == eur.money("cost_eur"))
        let cost = try eur.text("cost_eur")
        let csv = try await team.admin.send("GET", query + "&currency=EUR&format=csv").text
        #expect(csv.contains("cost_eur") && csv.contains(cost))
        let html = try await team.admin.send("GET", query + "&currency=EUR&format=html").text
        #expect(html.contains("in EUR at 0.5 of 2020-01-01") && html.contains(cost))
        let table = try await Command.run(["report", "monthly", "--currency", "EUR"], as: team.admin)
        table.expect(0, errors: false)
        #expect(table.output.contains("in EUR at 0.5 of 2020-01-01") && !table.output.contains("$"))

        for (code, says) in [("GBP", "there are USD, EUR"), ("eur", "there are USD, EUR")] {
            let refused = try await team.admin.send("GET", query + "&currency=\(code)")
            try refused.expectProblem(422, "invalid_fields", pointer: "/currency")
            #expect(refused.text.contains(says))
        }
        _ = try Self.rates("2020-01-01,EUR,0.25\n", in: directory)
        let later = try await team.admin.json("GET", query + "&currency=EUR")
        #expect(later["currency"]?["per_usd"]?.string == "0.25")
        _ = try Self.rates("2020-01-01,EUR,nothing\n", in: directory)
        let busy = try await team.admin.send("GET", query + "&currency=EUR")
        try busy.expectProblem(503, "unavailable")
        #expect(busy.text.contains("line 2: per_usd must be") && !busy.text.contains(directory.path))
    }

    @Test("is refused by a server that has no rates, and a server with a wrong file of rates does not start")
    func none() async throws {
        try await PurserServer.shared.admin.send("GET", "/v1/reports/monthly?currency=EUR")
            .expectProblem(422, "invalid_fields", pointer: "/currency")
        let directory = try ScratchDirectory()
        let path = try Self.rates("2020-01-01,EUR,0\n", in: directory)
        let start = try await Command.run(
            ["serve", "--data-dir", "\(directory.path)/data"], as: nil, environment: ["PURSER_CURRENCY_RATES": path])
        start.expect(1, output: false, errors: true)
        #expect(start.errors.contains("The file of PURSER_CURRENCY_RATES cannot be used: line 2: per_usd must be"))
    }
}
