import Postgres
import SeededRandom
import Testing

@testable import Accounting
@testable import Ledger

@Suite("The reports of finance") struct FinanceReportTests {
    private static func amounts(_ report: Report, _ column: String) throws -> [Int128?] {
        let place = try #require(report.columns.firstIndex { $0.name == column })
        return report.rows.map { if case .usd(let amount) = $0[place] { amount } else { nil } }
    }

    private static func texts(_ report: Report, _ column: String) throws -> [String] {
        let place = try #require(report.columns.firstIndex { $0.name == column })
        return report.rows.map { $0[place].text }
    }

    @Test("come to the ledger's total of each month and of each team", arguments: seeds)
    func totals(seed: UInt64) async throws {
        try await SpentMonths.with(seed: seed) { months, connection in
            let lines = try months.lines(connection)
            try connection.addCredit("c", 5_000_000, from: months.month.firstDay.description, provider: "maker")
            for past in 0...2 {
                let month = CalendarMonth(number: months.month.number - past)
                for team in [nil, "t", "u"] {
                    let booked = lines.filter { $0.bookingMonth == month.firstDay && (team == nil || $0.team == team) }
                    let cost = Money(nanodollars: booked.reduce(0) { $0 + $1.cost }).usd
                    for name in ["monthly", "models", "users", "spend", "unit-costs", "invoice"] {
                        let report = try SpentMonths.report(
                            name, ReportQuery(ReportRange(month), team: team), connection)
                        #expect(report.total("cost_usd") == cost, "\(name) of \(month) and \(team ?? "all")")
                        let foot = report.html().split(separator: "<tfoot>").last ?? ""
                        #expect(foot.contains(#"<data value="\#(cost)">"#), "\(name): \(foot)")
                        #expect(report.total("calls") == "\(booked.reduce(0) { $0 + $1.calls })", "\(name)")
                    }
                }
            }
        }
    }

    @Test("split the change on the month before into volume, price and mix that are the change", arguments: seeds)
    func change(seed: UInt64) async throws {
        try await SpentMonths.with(seed: seed) { months, connection in
            let lines = try months.lines(connection)
            for past in 0...1 {
                let month = CalendarMonth(number: months.month.number - past)
                let report = try SpentMonths.report("monthly", ReportQuery(ReportRange(month)), connection)
                let parts = try ["volume_usd", "price_usd", "mix_usd"].map { try Self.amounts(report, $0) }
                let changes = try Self.amounts(report, "change_usd")
                for (index, change) in changes.enumerated() {
                    #expect(change == parts.reduce(Int128(0)) { $0 + ($1[index] ?? 0) })
                }
                func cost(_ month: CalendarMonth) -> Int128 {
                    lines.reduce(0) { $0 + ($1.bookingMonth == month.firstDay ? Int128($1.cost) : 0) }
                }
                let before = CalendarMonth(number: month.number - 1)
                #expect(changes.reduce(Int128(0)) { $0 + ($1 ?? 0) } == cost(month) - cost(before))
            }
        }
    }

    /// What one model of a feature came to in September and in October. What costs nothing has no price.
    struct Item: Sendable {
        let model: String
        let tokens: (Int64, Int64)
        let cost: (Int64, Int64)
    }

    @Test(
        "tell volume, price and mix as their formulas do",
        arguments: [
            // Twice the tokens at the same price.
            ([Item(model: "a", tokens: (100, 200), cost: (1_000, 2_000))], [1_000, 0, 0]),
            // As many tokens, each a half dearer.
            ([Item(model: "a", tokens: (100, 100), cost: (1_000, 1_500))], [0, 500, 0]),
            // As many tokens, half of them on a model that costs a tenth.
            (
                [
                    Item(model: "a", tokens: (100, 50), cost: (1_000, 500)),
                    Item(model: "b", tokens: (0, 50), cost: (0, 50)),
                ], [0, 0, -450]
            ),
            // Tokens without a price count as nothing.
            (
                [
                    Item(model: "a", tokens: (100, 200), cost: (1_000, 2_000)),
                    Item(model: "b", tokens: (30, 700), cost: (0, 0)),
                ], [1_000, 0, 0]
            ),
            // Nothing before: all is volume. Nothing now: too.
            ([Item(model: "a", tokens: (0, 50), cost: (0, 70))], [70, 0, 0]),
            ([Item(model: "a", tokens: (50, 0), cost: (70, 0))], [-70, 0, 0]),
        ] as [([Item], [Int128])])
    func formulas(items: [Item], parts: [Int128]) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            for item in items {
                for (day, tokens, cost) in [
                    ("2026-09-05", item.tokens.0, item.cost.0), ("2026-10-05", item.tokens.1, item.cost.1),
                ] where tokens > 0 {
                    try connection.book(cost, on: day, model: item.model)
                    try connection.execute(
                        """
                        UPDATE rollup SET input_tokens = \(tokens), unpriced_calls = \(cost == 0 ? 1 : 0) WHERE day = \(CalendarDay(text: day)) AND model = \(item.model)
                        """)
                }
            }
            let query = ReportQuery(ReportRange(CalendarMonth(text: "2026-10")!))
            let report = try SpentMonths.report("monthly", query, connection)
            #expect(report.rows.count == 1)
            #expect(try ["volume_usd", "price_usd", "mix_usd"].map { try Self.amounts(report, $0)[0] } == parts)
        }
    }

    @Test("balance debits and credits, with the codes of the books, whatever credits paid", arguments: seeds)
    func journal(seed: UInt64) async throws {
        try await SpentMonths.with(seed: seed) { months, connection in
            try connection.addCredit("c", 3_000, from: months.month.firstDay.description, provider: "maker")
            try AccountCodes.set(.expense, of: nil, to: "6300", by: "test", connection)
            try AccountCodes.set(.expense, of: "4711", to: "6310", by: "test", connection)
            let query = ReportQuery(ReportRange(months.month))
            let report = try SpentMonths.report("journal", query, connection)
            let (debit, credit) = (report.total("debit_usd"), report.total("credit_usd"))
            #expect(debit == credit && debit?.isEmpty == false)
            let accounts = zip(try Self.texts(report, "account"), try Self.texts(report, "code"))
            let codes = zip(accounts, try Self.texts(report, "cost_center")).map { "\($0.0) \($0.1) \($1)" }
            #expect(codes.contains("expense 6310 4711") && codes.contains("expense 6300 "))
            #expect(try Self.texts(report, "account").contains("adjustment"))
            #expect(try Self.texts(report, "account").contains("prepaid"))
            try AccountCodes.set(.expense, of: "4711", to: nil, by: "test", connection)
            let again = try SpentMonths.report("journal", query, connection)
            #expect(try !Self.texts(again, "code").contains("6310"))
        }
    }

    @Test(
        "share costs out so that all statements together are the ledger, by every key",
        arguments: AccountCodes.SharedCostKey.allCases)
    func statement(key: AccountCodes.SharedCostKey) async throws {
        try await SpentMonths.with(seed: 5) { months, connection in
            _ = try TeamStore.create("v", connection)
            try connection.execute("UPDATE team SET cost_center = '4712' WHERE name = 'v'")
            try connection.book(1_000_003, on: months.month.firstDay.description, team: "v")
            try connection.addCredit("c", 300, from: months.month.firstDay.description)
            try AccountCodes.share(by: key, connection)
            let query = ReportQuery(ReportRange(months.month))
            let report = try SpentMonths.report("statement", query, connection)
            let spent: Int64 = try connection.query(
                "SELECT sum(effective_cost_nanodollars)::bigint FROM rollup WHERE booking_month = \(months.month.firstDay)"
            )[0]
            .decode(at: 0)
            let paid: Int64 = try connection.query(
                "SELECT sum(drawn_nanodollars)::bigint FROM credits_paid('infinity')")[0]
                .decode(at: 0)
            #expect(report.total("amount_usd") == Money(nanodollars: spent - paid).usd)
            // A team without a cost centre pays nothing, and keeps no credit.
            let own = zip(try Self.texts(report, "team"), try Self.amounts(report, "amount_usd")).filter { $0.0 == "t" }
            let left = own.reduce(Int128(0)) { $0 + ($1.1 ?? 0) }
            #expect((left == 0) == (key != .none), "\(left)")
            let sections = try Self.texts(report, "section")
            #expect(sections.contains("shared") == (key != .none) && sections.contains("adjustment"))
            let shared = zip(sections, try Self.amounts(report, "amount_usd")).filter { $0.0 == "shared" }
            #expect(shared.reduce(Int128(0)) { $0 + ($1.1 ?? 0) } == 0)
            let alone = try SpentMonths.report("statement", ReportQuery(query.range, team: "v"), connection)
            // It has no tokens, so no part by these.
            #expect(alone.rows.count == ([.none, .tokens].contains(key) ? 1 : 2))
        }
    }

    @Test("tell of the days that cost far from the same weekdays before, and of no others") func anomalies()
        async throws
    {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let first = CalendarDay(text: "2026-07-01")!.daysSince1970
            for number in 0..<100 {
                let day = CalendarDay(daysSince1970: first + number)
                // Fridays and Saturdays cost a tenth. One Thursday costs ten times what Thursdays do; on a Wednesday nothing is spent.
                let isQuiet = (number + 3) % 7 >= 5
                let dollars: Int64 = number == 85 ? 100 : number == 91 ? 0 : isQuiet ? 1 : 10
                if dollars > 0 { try connection.book(dollars * 1_000_000_000, on: day.description) }
            }
            let query = ReportQuery(
                ReportRange(from: CalendarDay(text: "2026-07-01")!, to: CalendarDay(text: "2026-10-09")!)!)
            let report = try SpentMonths.report("anomalies", query, connection)
            #expect(
                report.rows.map { $0.map(\.text).joined(separator: " ") } == [
                    "2026-09-24 t  100 10 90 8", "2026-09-30 t  0 10 -10 8",
                ])
        }
    }

    @Test("tell what caching saved, what it could save, what has no price and who has no cost centre") func others()
        async throws
    {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            _ = try TeamStore.create("u", connection)
            try connection.execute("UPDATE team SET cost_center = '4711' WHERE name = 'u'")
            let prices = """
                  cached:
                    prices: [{from: 2020-01-01, standard: {input_tokens: "10", cache_read_tokens: "1", cache_write_tokens: "12.5", output_tokens: "1"}}]

                """
            _ = try PriceStore.add([try LedgerFixture.priceFile(prices)], from: .asWritten, isDryRun: false, connection)
            for (team, read) in [("t", Int64(200)), ("u", 800)] {
                try connection.book(1_000, on: "2026-10-05", team: team, provider: "p", model: "cached")
                try connection.execute(
                    """
                    UPDATE rollup SET input_tokens = 1000, cache_read_tokens = \(read), cache_write_tokens = 100 WHERE team = \(team)
                    """)
            }
            try connection.book(0, on: "2026-10-06", provider: "new", model: "mystery")
            try connection.execute("UPDATE rollup SET unpriced_calls = 1, output_tokens = 7 WHERE model = 'mystery'")
            func lines(_ name: String) throws -> [String] {
                let query = ReportQuery(ReportRange(CalendarMonth(text: "2026-10")!))
                let report = try SpentMonths.report(name, query, connection)
                let totals = report.totals.map { [$0.map { $0?.text ?? "-" }] } ?? []
                return (report.rows.map { $0.map(\.text) } + totals).map { $0.joined(separator: " ") }
            }
            // 10 USD a million is 10,000 nanodollars a token; a token read from the cache saves 9,000, one written costs 2,500 more.
            #expect(
                try lines("cache") == [
                    "t p cached 1000 200 100 20.00 0.00155 80.00 0.0054",
                    "u p cached 1000 800 100 80.00 0.00695 80.00 0",
                    "- - - 2000 1000 200 50.00 0.0085 - 0.0054",
                ])
            #expect(
                try lines("unpriced") == ["new mystery standard t 2026-10-06 2026-10-06 1 1 7", "- - - - - - 1 1 7"])
            #expect(try lines("unallocated") == ["t  2 0.000001 1 50.00", "- - 2 0.000001 1 50.00"])
        }
    }
}
