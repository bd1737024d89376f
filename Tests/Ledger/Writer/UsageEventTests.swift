import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A usage event") struct UsageEventTests {
    @Test("charges the windows of its own time, and none that ended before its budget was made")
    func ownTime() async throws {
        let budgets = [
            LedgerFixture.budget("day", limit: 1000, period: .day),
            LedgerFixture.budget("total", limit: 1000, period: .total),
        ]
        try await LedgerFixture.with(budgets) { fixture in
            let replica = try fixture.replica()
            let now = SystemClock.wallTime()
            let yesterday = now.adding(seconds: -86_400)
            #expect(await replica.report(LedgerFixture.event("a", replica, at: yesterday)).word == "recorded")
            #expect(await replica.report(LedgerFixture.event("b", replica, at: now)).word == "recorded")
            #expect(try fixture.window("day").spent == 100)
            #expect(try fixture.window("total").spent == 200)
            // A budget that was there yesterday has a window of yesterday, opened by the entry.
            try fixture.connect().execute("UPDATE budget SET created_at = created_at - interval '3 days'")
            let later = try fixture.replica()
            #expect(await later.report(LedgerFixture.event("c", later, at: yesterday)).word == "recorded")
            let windows = try fixture.connect().query(
                """
                SELECT spent, ends_at - starts_at = interval '1 day' FROM budget_window JOIN budget USING (budget_number)
                WHERE id = 'day' ORDER BY starts_at
                """)
            #expect(try windows.map { try $0.decode(Int64.self, at: 0) } == [100, 100])
            await replica.drain()
            await later.drain()
            #expect(try fixture.problems() == [])
        }
    }

    @Test("is one of its source: the same id of another source or of a request is another")
    func owners() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let first = LedgerFixture.event("e", replica, source: "a")
            #expect(await replica.report(first).word == "recorded")
            #expect(await replica.report(first).word == "duplicate")
            #expect(await replica.report(LedgerFixture.event("e", replica, source: "b")).word == "recorded")
            #expect(await replica.report(LedgerFixture.event("e", replica, tokens: 11, source: "a")).word == "conflict")
            let hold = try await replica.hold("e")
            #expect(await replica.settle(hold, tokens: 1).word == "recorded")
            #expect(try fixture.count("ledger") == 3)
            await replica.drain()
            #expect(try fixture.problems() == [])
        }
    }

    @Test("overruns a hard budget, which then shows less than nothing and admits no more")
    func overrun() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1000)]) { fixture in
            let replica = try fixture.replica()
            _ = try await replica.hold("r", tokens: 10)
            #expect(await replica.report(LedgerFixture.event("e", replica, tokens: 150)).word == "recorded")
            #expect(try fixture.window().spent == 1500)
            replica.tick()
            // Idle leases shrink at once; what is held stays.
            try await eventually { try fixture.window().leased == 100 }
            let verdict = try await replica.verdict(LedgerFixture.call("s"))
            #expect(verdict.reason?.code == .budgetExhausted)
            #expect(verdict.budgets[0].remaining == -600)
            await replica.drain()
            #expect(try fixture.problems() == [])
        }
    }

    @Test("of a model without a price costs nothing known, and says so in its sums")
    func unpriced() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1000)]) { fixture in
            let replica = try fixture.replica()
            let result = await replica.report(LedgerFixture.event("e", replica, "new"))
            #expect(result.word == "recorded")
            #expect(result.receipt?.cost == nil)
            #expect(await replica.report(LedgerFixture.event("f", replica, "new", tokens: 0)).receipt?.cost == .zero)
            #expect(try fixture.count("rollup", where: "calls = 2 AND unpriced_calls = 1") == 1)
            #expect(try fixture.count("ledger", where: "effective_cost_nanodollars IS NULL") == 1)
            await replica.drain()
            #expect(try fixture.problems() == [])
        }
    }

    @Test("is booked in its own month, or in the first open one where that is closed")
    func months() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            let month = SystemClock.wallTime().day.month
            let past = CalendarMonth(number: month.number - 2)
            let moment = past.firstDay.startUTC.adding(seconds: 86_400 * 9)
            #expect(await replica.report(LedgerFixture.event("a", replica, at: moment)).word == "recorded")
            // Closed behind the replica's back: the writer looks under the month's lock.
            try connection.execute("UPDATE month SET state = 'closed' WHERE month = \(past.firstDay)")
            #expect(await replica.report(LedgerFixture.event("b", replica, at: moment)).word == "recorded")
            let booked = try connection.query("SELECT booking_month, day FROM ledger ORDER BY request_id").map {
                try $0.decode((CalendarDay, CalendarDay).self)
            }
            #expect(booked.map(\.0) == [past.firstDay, past.next.firstDay])
            #expect(booked.map(\.1) == [moment.day, moment.day])
            #expect(try fixture.count("rollup") == 2)
            await replica.drain()
            #expect(try fixture.problems() == [])
        }
    }

    @Test("at the end of a month and the start of the next go to their own months and days")
    func rollover() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1000, period: .total)]) { fixture in
            let replica = try fixture.replica()
            let midnight = SystemClock.wallTime().day.month.firstDay.startUTC
            let last = Timestamp(microseconds: midnight.microseconds - 1)
            #expect(await replica.report(LedgerFixture.event("old", replica, at: last)).word == "recorded")
            #expect(await replica.report(LedgerFixture.event("new", replica, at: midnight)).word == "recorded")
            // A retry over midnight finds its first.
            #expect(await replica.report(LedgerFixture.event("old", replica, at: last)).word == "duplicate")
            let booked = try fixture.connect().query(
                "SELECT booking_month, day, tableoid::regclass::text FROM ledger ORDER BY occurred_at"
            ).map { try $0.decode((CalendarDay, CalendarDay, String).self) }
            #expect(booked.map(\.0) == [last.day.month.firstDay, midnight.day])
            #expect(booked.map(\.1) == [last.day, midnight.day])
            #expect(Set(booked.map(\.2)).count == 2)
            await replica.drain()
            #expect(try fixture.problems() == [])
        }
    }
}
