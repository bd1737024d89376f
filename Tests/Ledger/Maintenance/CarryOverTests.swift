import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("What a window leaves to the next") struct CarryOverTests {
    private static func draft(
        _ carryOver: BudgetRules.CarryOver, scope: Scope = Scope(team: "t"), alertAt: [Int64] = []
    ) -> BudgetDraft {
        BudgetDraft(
            id: "b", scope: scope, period: .day, zone: .utc, unit: .usd, limit: 1_000, enforcement: .hard,
            downgradeAt: nil, alertAt: alertAt.map { Fraction(millionths: $0 * 10_000) },
            rules: BudgetRules(carryOver: carryOver))
    }

    /// Windows of the days before and of today, as they stand.
    private static func open(
        _ windows: [(day: Int64, value: String, spent: Int64, leased: Int64)], _ connection: Connection
    ) throws {
        try connection.execute("DELETE FROM budget_window")
        for window in windows {
            try connection.execute(
                """
                INSERT INTO budget_window (budget_number, starts_at, ends_at, value, limit_amount, spent, leased)
                SELECT budget_number, d, d + interval '1 day', \(window.value), limit_amount, \(window.spent),
                    \(window.leased)
                FROM budget, LATERAL (SELECT date_trunc('day', now(), 'UTC') + make_interval(days => \(Int32(window.day)))
                    AS d) days
                """)
        }
    }

    private static func limits(_ connection: Connection) throws -> [Int64] {
        try connection.query("SELECT limit_amount FROM budget_window ORDER BY starts_at, value").map {
            try $0.decode(at: 0)
        }
    }

    private static func settle(_ connection: Connection) throws {
        while try CarryOver.make(connection).hasMore {}
    }

    @Test(
        "is added to its limit as the budget says, and what was inherited is left again",
        arguments: [
            (BudgetRules.CarryOver.none, [1_000, 1_000, 1_000]), (.all, [1_000, 1_700, 2_600]),
            (.upTo(100), [1_000, 1_100, 1_100]), (.upTo(800), [1_000, 1_700, 1_800]),
        ] as [(BudgetRules.CarryOver, [Int64])])
    func rules(carryOver: BudgetRules.CarryOver, limits: [Int64]) async throws {
        try await LedgerFixture.with([Self.draft(carryOver)]) { fixture in
            let lock = try fixture.withoutMaintenance()
            let connection = try fixture.connect()
            try Self.open([(-2, "", 250, 50), (-1, "", 100, 0), (0, "", 5, 0)], connection)
            try Self.settle(connection)
            #expect(try Self.limits(connection) == limits)
            let version = try ConfigurationStore.versions(connection).configuration
            #expect(try CarryOver.make(connection).rows == 0)
            #expect(try ConfigurationStore.versions(connection).configuration == version)
            _ = lock
        }
    }

    @Test("is worked out anew when a lease returns or a charge comes late, and never below nothing")
    func late() async throws {
        try await LedgerFixture.with([Self.draft(.all, alertAt: [50])]) { fixture in
            let lock = try fixture.withoutMaintenance()
            let connection = try fixture.connect()
            try Self.open([(-2, "", 900, 100), (-1, "", 1_000, 0), (0, "", 600, 0)], connection)
            try Self.settle(connection)
            #expect(try Self.limits(connection) == [1_000, 1_000, 1_000])
            #expect(try fixture.count("alert") == 0)
            func change(_ spent: Int64, _ leased: Int64, of day: Int32) throws {
                try connection.execute(
                    """
                    UPDATE budget_window SET spent = spent + \(spent), leased = leased + \(leased)
                    WHERE starts_at = date_trunc('day', now(), 'UTC') + make_interval(days => \(day))
                    """)
            }
            try change(0, -100, of: -2)
            try Self.settle(connection)
            #expect(try Self.limits(connection) == [1_000, 1_100, 1_100])
            // The call of yesterday comes late, and today's limit falls so that 50% are reached.
            try change(3_000, 0, of: -1)
            try Self.settle(connection)
            #expect(try Self.limits(connection) == [1_000, 1_100, 1_000])
            #expect(try fixture.count("alert") == 1)
            _ = lock
        }
    }

    @Test("stays when the budget changes, follows the rule that it has then, and stands after some days")
    func changes() async throws {
        try await LedgerFixture.with([Self.draft(.all)]) { fixture in
            let lock = try fixture.withoutMaintenance()
            let connection = try fixture.connect()
            try Self.open([(-1, "", 400, 0), (0, "", 0, 0)], connection)
            try Self.settle(connection)
            #expect(try Self.limits(connection) == [1_000, 1_600])
            try fixture.put(Self.draft(.upTo(50)))
            #expect(try Self.limits(connection) == [1_000, 1_050])
            try fixture.put(Self.draft(.none))
            #expect(try Self.limits(connection) == [1_000, 1_000])
            try fixture.put(Self.draft(.all))
            #expect(try Self.limits(connection) == [1_000, 1_600])
            try Self.open([(-9, "", 400, 0), (-8, "", 0, 0)], connection)
            #expect(try CarryOver.make(connection).rows == 0)
            _ = lock
        }
    }

    @Test("goes from each value's window to the same value's") func values() async throws {
        let draft = Self.draft(.all, scope: Scope(team: "t", each: .user))
        try await LedgerFixture.with([draft]) { fixture in
            let lock = try fixture.withoutMaintenance()
            let connection = try fixture.connect()
            try Self.open([(-1, "ann", 400, 0), (-1, "bob", 900, 0), (0, "ann", 0, 0), (0, "cat", 0, 0)], connection)
            try Self.settle(connection)
            #expect(try Self.limits(connection) == [1_000, 1_000, 1_600, 1_000])
            let budget = try ConfigurationStore.load(connection).configuration.budgets[0]
            let page = try BudgetWindows.list(
                budget, at: SystemClock.wallTime(), order: .value, most: 9, ofTeam: nil, connection)
            #expect(page.windows.map(\.carriedOver) == [600, 0])
            _ = lock
        }
    }
}
