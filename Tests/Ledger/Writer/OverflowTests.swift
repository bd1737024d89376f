import Accounting
import Postgres
import Testing

@testable import Ledger

/// Sums at the end of their range. Opus costs 10 nanodollars a token.
@Suite("A sum that does not fit") struct OverflowTests {
    /// Leaves room for `room` in what a budget's window has spent.
    private static func fill(_ budget: String, leaving room: Int64, _ fixture: LedgerFixture) throws {
        try fixture.connect().execute(
            """
            UPDATE budget_window w SET spent = \(Int64.max - room), opening_spent = \(Int64.max - room),
                opening_due_version = NULL, revision = revision + 1
            FROM budget b WHERE b.budget_number = w.budget_number AND b.id = \(budget)
            """)
    }

    private static func words(_ events: [LedgerEntry], _ replica: Replica) async -> [String: Int] {
        await withTaskGroup(of: String.self) { group in
            for event in events { group.addTask { await replica.report(event).word } }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    @Test("refuses only the entries that it has no room for, and names its window", arguments: Budget.Unit.allCases)
    func window(unit: Budget.Unit) async throws {
        let full = LedgerFixture.budget("full", limit: 1000, scope: Scope(run: "r"), unit: unit, .soft)
        try await LedgerFixture.with([full, LedgerFixture.budget("other", limit: 1000, .soft)]) { fixture in
            let amount: Int64 = unit == .usd ? 100 : unit == .tokens ? 10 : 1
            try Self.fill("full", leaving: 2 * amount, fixture)
            let replica = try fixture.replica()
            let who = Attribution(team: "t", run: "r")
            let charging = (0..<5).map { LedgerFixture.event("r\($0)", replica, who: who) }
            let beside = (0..<20).map { LedgerFixture.event("e\($0)", replica) }
            let start = Period.month.window(containing: SystemClock.wallTime(), in: .utc).start
            let refusal = """
                With this entry, what full has spent in its window from \(start) would be more than can be counted. \
                Nothing was recorded.
                """
            #expect(await Self.words(charging + beside, replica) == ["recorded": 22, refusal: 3])
            #expect(try fixture.window("full").spent == .max)
            // The window stays full, and other entries go on.
            #expect(await replica.report(LedgerFixture.event("late", replica, who: who)).word == refusal)
            #expect(await replica.report(LedgerFixture.event("after", replica)).word == "recorded")
            #expect(try fixture.count("ledger") == 23)
            // What was refused left nothing behind, and is refused again.
            #expect(try fixture.count("entry_key") == 23)
            let again = await Self.words(charging, replica)
            #expect(again == ["duplicate": 2, refusal: 3], "\(again)")
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("leaves the hold of a settlement open")
    func hold() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1000, .soft)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold("r")
            try Self.fill("b", leaving: 50, fixture)
            #expect(await replica.settle(hold, tokens: 6).word.hasPrefix("With this entry"))
            #expect(replica.status.openHolds == 1)
            #expect(await replica.settle(hold, tokens: 5).word == "recorded")
            #expect(replica.status.openHolds == 0)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("has room for what is settled late as far as the estimate that it takes the place of makes it")
    func late() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1000, .soft)]) { fixture in
            _ = try TeamStore.change("t", .unsettled(.input), fixture.connect())
            let replica = try fixture.replica()
            let hold = try await replica.hold(LedgerFixture.call("r", tokens: 10))
            try Self.fill("b", leaving: 150, fixture)
            try await replica.expireAll()
            #expect(await replica.settle(hold, tokens: 16).word.hasPrefix("With this entry"))
            let settled = await replica.settle(hold, tokens: 15).word
            #expect(settled == "recorded")
            #expect(try fixture.window().spent == .max)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    /// The columns of daily sums that an event of 10 tokens of opus adds to, and what it adds.
    static let columns: [(name: String, amount: Int64)] = [
        ("entries", 1), ("calls", 1), ("input_tokens", 10), ("list_cost_nanodollars", 100),
        ("effective_cost_nanodollars", 100),
    ]

    @Test("of a day refuses too, and names the day and the column", arguments: columns)
    func daily(column: (name: String, amount: Int64)) async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let events = (0..<4).map { LedgerFixture.event("e\($0)", replica) }
            #expect(await replica.report(events[0]).word == "recorded")
            try fixture.connect().execute(
                "UPDATE rollup SET \(unescaped: column.name) = \(Int64.max - column.amount * 2)")
            let refusal = """
                With this entry, the daily sum of t for opus on \(events[0].occurredAt.day) (\(column.name)) would be \
                more than can be counted. Nothing was recorded.
                """
            let haiku = LedgerFixture.event("h", replica, "haiku")
            #expect(await Self.words(Array(events[1...]) + [haiku], replica) == ["recorded": 3, refusal: 1])
            #expect(try fixture.count("rollup", where: "\(unescaped: column.name) = \(Int64.max)") == 1)
            await replica.drain()
        }
    }

    @Test("of two rows is still told in full by every report")
    func reports() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1000, .soft)]) { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            for model in ["opus", "haiku"] {
                #expect(await replica.report(LedgerFixture.event("e-\(model)", replica, model)).word == "recorded")
            }
            // `credits_drawn` adds what the other teams of a day have spent.
            let most = Int64.max
            let columns = RollupSums.columns.map { "\($0.name) = \(most)" }.joined(separator: ", ")
            try connection.execute("UPDATE rollup SET \(unescaped: columns)")
            try connection.execute("UPDATE rollup SET unpriced_calls = 0")
            try connection.execute("UPDATE budget_window SET spent = \(-most)")
            await replica.drain()
            let month = SystemClock.wallTime().day.month
            for definition in try ReportCatalog(LedgerFixture.resources).definitions {
                let report = try definition.run(month: month, team: nil, connection)
                let table = report.rows + [report.totals?.map { $0 ?? .text("") } ?? []]
                let text = table.flatMap { $0 }.map(\.text).joined(separator: " ")
                switch definition.name {
                case "monthly", "models", "invoice":
                    #expect(text.contains("18446744073.709551614"), "\(definition.name): \(text)")
                    #expect(text.contains("18446744073709551614"), "\(definition.name): \(text)")
                case "budgets": #expect(text.contains("9223372036.854776807"), "\(text)")
                case "verdicts": #expect(text.contains("18446744073.709551614"), "\(text)")
                default: break
                }
            }
        }
    }

    @Test("cannot come from one batch, however large its entries are allowed to be")
    func batch() {
        let most = CallLimits.greatest
        // A whole batch of settlements that cost twice what was held, and of calls with all token meters at their most.
        #expect(Int128(LedgerQueue.maximumBatch) * Int128(most.cost.nanodollars) * 2 <= Int128(Int64.max))
        #expect(
            Int128(LedgerQueue.maximumBatch) * Int128(most.quantity) * Int128(Meter.tokenMeters.count)
                <= Int128(Int64.max))
    }
}
