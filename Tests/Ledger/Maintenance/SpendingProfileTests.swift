import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("The profiles of paced budgets") struct StoredSpendingProfileTests {
    private static let now = Timestamp(rfc3339: "2026-11-18T12:00:00Z")!

    private static func paced(
        _ id: String, _ scope: Scope, zone: String = "UTC", isPaced: Bool = true
    ) throws -> BudgetDraft {
        BudgetDraft(
            id: id, scope: scope, period: .month, zone: try #require(Zone(name: zone)), unit: .usd, limit: 1_000,
            enforcement: .soft, downgradeAt: nil, alertAt: [], rules: BudgetRules(isPaced: isPaced))
    }

    /// Calls of chat on Tuesdays at nine and of code on Fridays at noon, for some weeks before, and one that began it all.
    private static func spend(weeks: Int, _ connection: Connection) throws {
        try connection.execute(
            """
            INSERT INTO scope_sum (is_fine, team, slot, feature, provider, model, user_id, run, tag_keys, tag_values, calls,
                tokens, cost_nanodollars)
            SELECT is_fine, 't', timestamptz '2026-11-10 09:15+00' - make_interval(weeks => week::int) + shift, feature,
                'maker', 'opus', 0, CASE WHEN is_fine THEN run ELSE '' END, '{}', '{}', 1, 10, cost
            FROM generate_series(0, \(Int64(weeks))) week, (VALUES (true), (false)) f (is_fine),
                (VALUES ('chat', 'a', interval '0', 300), ('code', 'b', '3 days 3 hours', 100)) v (feature, run, shift, cost)
            """)
    }

    private static func heaviest(_ budget: Budget?) -> [Int] {
        let weights = budget?.pacing?.profile?.weights ?? []
        return weights.indices.filter { weights[$0] > 50_000 }.sorted { weights[$0] > weights[$1] }
    }

    @Test("are worked out from what each scope spent, once a day, and reach replicas as changes of their budgets alone")
    func workedOut() async throws {
        let drafts = [
            try Self.paced("all", Scope(team: "t")), try Self.paced("code", Scope(team: "t", feature: "code")),
            try Self.paced("runs", Scope(team: "t", each: .run), zone: "Asia/Kolkata"),
            try Self.paced("unpaced", Scope(team: "t"), isPaced: false),
            try Self.paced("quiet", Scope(team: "t", feature: "quiet")),
        ]
        try await LedgerFixture.with(drafts) { fixture in
            let connection = try fixture.connect()
            try Self.spend(weeks: 3, connection)
            let before = try ConfigurationStore.load(connection)
            let portion = try SpendingProfiles.workOut(before.configuration, at: Self.now, connection)
            #expect(portion.rows == 4 && !portion.hasMore)

            let change = try #require(
                try ConfigurationStore.load(connection, previous: before, isWhole: false, replicaID: 1))
            let budgets = change.loaded.configuration
            // Tuesday at nine and Friday at noon; in Kolkata clocks are five and a half hours ahead.
            #expect(Self.heaviest(budgets.budget(id: "all")) == [24 + 9, 4 * 24 + 12])
            #expect(Self.heaviest(budgets.budget(id: "code")) == [4 * 24 + 12])
            #expect(Self.heaviest(budgets.budget(id: "runs")) == [24 + 14, 4 * 24 + 17])
            for id in ["quiet", "unpaced"] { #expect(budgets.budget(id: id)?.pacing?.profile == nil, "\(id)") }
            for id in ["quiet", "unpaced"] { #expect(budgets.budget(id: id) === before.configuration.budget(id: id)) }
            let whole = try ConfigurationStore.load(connection).configuration
            #expect(Self.heaviest(whole.budget(id: "all")) == [24 + 9, 4 * 24 + 12])
            // A budget that is changed keeps its profile.
            try fixture.put(try Self.paced("code", Scope(team: "t", feature: "code")))
            #expect(Self.heaviest(try ConfigurationStore.load(connection).configuration.budget(id: "code")) == [108])
        }
    }

    @Test("change the configuration only where weights are others than before") func unchanged() async throws {
        try await LedgerFixture.with([try Self.paced("all", Scope(team: "t"))]) { fixture in
            let connection = try fixture.connect()
            func workOut(hours: Int64) throws -> (rows: Int, version: Int64) {
                let configuration = try ConfigurationStore.load(connection).configuration
                let portion = try SpendingProfiles.workOut(
                    configuration, at: Self.now.adding(seconds: hours * 3_600), connection)
                return (portion.rows, try ConfigurationStore.load(connection).configuration.version)
            }
            let start = try ConfigurationStore.load(connection).configuration.version
            // Nothing is spent yet.
            #expect(try workOut(hours: 0) == (1, start))
            try Self.spend(weeks: 3, connection)
            #expect(try workOut(hours: 23) == (0, start))
            #expect(try workOut(hours: 24) == (1, start + 1))
            #expect(try workOut(hours: 48) == (1, start + 1))
        }
    }
}
