import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("Where a team stands") struct SpendingStatusTests {
    private static let now = Timestamp(rfc3339: "2026-11-16T12:00:00Z")!
    private static let november = Timestamp(rfc3339: "2026-11-01T00:00:00Z")!

    private func withSums(_ body: (Connection) throws -> Void) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            _ = try TeamStore.create("u", connection)
            try connection.executeScript(
                """
                INSERT INTO person (user_id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'ann'), (2, 'bob');
                INSERT INTO rollup (booking_month, day, team, feature, provider, model, service_tier, status, tag_1, tag_2,
                    tag_3, tag_4, entries, calls, unpriced_calls, downgraded_calls, input_tokens, cache_read_tokens,
                    cache_write_tokens, output_tokens, reasoning_tokens, list_cost_nanodollars,
                    effective_cost_nanodollars, saved_nanodollars)
                SELECT '2026-11-01', day, team, feature, 'maker', model, 'standard', 'ok', '', '', '', '', calls, calls,
                    unpriced, 0, 0, 0, 0, 0, 0, cost, cost, 0
                FROM (VALUES (date '2026-11-02', 't', 'chat', 'opus', 2, 0, 700), ('2026-11-03', 't', 'chat', 'haiku', 3, 0, 100),
                    ('2026-11-03', 't', '', 'opus', 1, 0, 200), ('2026-11-03', 'u', 'chat', 'opus', 9, 0, 5000),
                    ('2026-11-04', 't', 'new', 'mystery', 4, 4, 0)) v (day, team, feature, model, calls, unpriced, cost);
                INSERT INTO scope_sum SELECT true, team, slot, 'chat', 'maker', 'opus', user_id, run, '{}', '{}', calls, 0, cost
                FROM (VALUES ('t', timestamptz '2026-11-02 00:00+00', 1, 'a', 2, 300), ('t', '2026-11-02 00:15+00', 1, 'b', 1, 50),
                    ('t', '2026-11-02 00:15+00', 2, 'a', 5, 400), ('t', '2026-11-02 00:15+00', 0, 'a', 7, 900),
                    ('t', '2026-10-31 23:45+00', 1, 'a', 1, 8000), ('u', '2026-11-02 00:00+00', 2, 'a', 1, 60)
                ) v (team, slot, user_id, run, calls, cost);
                INSERT INTO verdict_count (day, team, feature, requested_model, provider, model, verdict, reason, calls)
                VALUES ('2026-11-16', 't', 'chat', 'opus', 'maker', 'opus', 'admit', '', 40),
                    ('2026-11-16', 't', 'chat', 'opus', '', '', 'deny', 'budget_exhausted', 3),
                    ('2026-11-16', 't', '', 'opus', '', '', 'deny', 'budget_exhausted', 2),
                    ('2026-11-16', 't', 'chat', 'opus', 'maker', 'haiku', 'downgrade', 'downgrade_threshold', 4),
                    ('2026-11-15', 't', 'chat', 'opus', '', '', 'deny', 'funds_held', 9),
                    ('2026-11-16', 'u', 'chat', 'opus', '', '', 'deny', 'over_context', 1)
                """)
            try body(connection)
        }
    }

    private func status(_ team: String?, _ connection: Connection) throws -> SpendingStatus {
        try SpendingStatus.read(
            budgets: [], team: team, at: Self.now, today: Self.now.day, in: .utc, connection)
    }

    @Test("the month goes to features, models and users, those that cost most first, of the team alone")
    func spenders() async throws {
        try await withSums { connection in
            let status = try status("t", connection)
            #expect(status.calls == 10 && status.cost == 1_000)
            #expect(status.features.map(\.name) == ["chat", nil, "new"])
            #expect(status.features.map(\.cost) == [800, 200, nil] && status.features.map(\.calls) == [5, 1, 4])
            #expect(status.models.map(\.name) == ["opus", "haiku", "mystery"] && status.models[0].provider == "maker")
            #expect(status.users?.map(\.name) == ["bob", "ann"] && status.users?.map(\.cost) == [400, 350])
            #expect(status.users?.map(\.calls) == [5, 3])
            let all = try self.status(nil, connection)
            #expect(all.calls == 19 && all.cost == 6_000 && all.users?.map(\.cost) == [460, 350])
        }
    }

    @Test("today's verdicts are told by their reason, those of other days and teams are not")
    func verdicts() async throws {
        try await withSums { connection in
            let answered = try status("t", connection).answered
            #expect(answered.map(\.verdict) == [.admit, .deny, .downgrade] && answered.map(\.calls) == [40, 5, 4])
            #expect(answered.map(\.reason) == [nil, "budget_exhausted", "downgrade_threshold"])
        }
    }

    @Test(
        "users of more sums than can be added up while somebody waits are not told", arguments: [(3, true), (4, false)])
    func bounded(maximumRows: Int64, isNil: Bool) async throws {
        try await withSums { connection in
            try connection.transaction(readOnly: true) { transaction in
                let spending = UserSpending(team: "t", start: Self.november)
                let users = try spending.top(maximumRows: maximumRows, transaction)
                #expect((users == nil) == isNil)
            }
        }
    }
}
