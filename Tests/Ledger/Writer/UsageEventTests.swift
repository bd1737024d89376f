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
            // A budget that existed yesterday gets a window for yesterday, opened by the entry.
            try fixture.connect().execute("UPDATE budget SET created_at = created_at - interval '3 days'")
            let later = try fixture.replica()
            #expect(await later.report(LedgerFixture.event("c", later, at: yesterday)).word == "recorded")
            let windows = try fixture.connect().query(
                """
                SELECT spent, ends_at - starts_at = interval '1 day' FROM window_total JOIN budget USING (budget_number)
                WHERE id = 'day' ORDER BY starts_at
                """)
            #expect(try windows.map { try $0.decode(Int64.self, at: 0) } == [100, 100])
            await replica.drain()
            await later.drain()
            try fixture.expectNoProblems()
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
            try fixture.expectNoProblems()
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
            // Idle leases shrink at once; held money stays leased.
            try await eventually { try fixture.window().leased == 100 }
            let verdict = try await replica.verdict(LedgerFixture.call("s"))
            #expect(verdict.reason?.code == .budgetExhausted)
            #expect(verdict.budgets[0].remaining == -600)
            await replica.drain()
            try fixture.expectNoProblems()
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
            try fixture.expectNoProblems()
        }
    }

    /// A usage event with a provider's usage object, which is read as these quantities.
    private static func raw(
        _ id: String, _ replica: Replica, _ text: String, _ lines: [(Meter, Int64)], format: UsageFormat = .openAIChat,
        costNanodollars: Int64? = nil
    ) -> LedgerEntry {
        var quantities = Quantities()
        for (meter, quantity) in lines { quantities.add(meter, quantity) }
        var entry = LedgerFixture.event(id, replica)
        entry.usage = Usage(
            format: format, quantities: quantities, raw: text, residualTokens: 0,
            providerCost: costNanodollars.map(Money.init(nanodollars:)))
        entry.rated = .unpriced(quantities)
        return entry
    }

    @Test("keeps what the provider's object says it cost, unless the reporter says it")
    func providerCost() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let told = Self.raw("a", replica, #"{"cost": 5e-6}"#, [(.input, 1)], costNanodollars: 5000)
            #expect(await replica.report(told).word == "recorded")
            var both = Self.raw("b", replica, #"{"cost": 5e-6}"#, [(.input, 1)], costNanodollars: 5000)
            both.providerCost = Money(nanodollars: 7)
            #expect(await replica.report(both).word == "recorded")
            #expect(await replica.report(LedgerFixture.event("c", replica)).word == "recorded")
            let costs = try fixture.connect().query("SELECT provider_cost_nanodollars FROM ledger ORDER BY request_id")
            #expect(try costs.map { try $0.decode(Int64?.self, at: 0) } == [5000, 7, nil])
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("is summed with every kind of cache")
    func cacheSums() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let lines: [(Meter, Int64)] = [
                (.input, 1000), (.cacheRead, 1), (.cacheReadAudio, 2), (.cacheReadImage, 4), (.cacheWrite, 8),
                (.cacheWriteAudio, 16), (.cacheWrite1h, 32), (.cacheWrite12h, 64),
            ]
            #expect(await replica.report(Self.raw("a", replica, "{}", lines)).word == "recorded")
            let sums = "cache_read_tokens = 7 AND cache_write_tokens = 120 AND input_tokens = 1127"
            #expect(try fixture.count("rollup", where: "\(unescaped: sums)") == 1)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("is the same when the provider's object is, however it is read by then")
    func rawDigest() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let text = #"{"prompt_tokens": 5}"#
            let first = Self.raw("a", replica, text, [(.input, 5)])
            #expect(await replica.report(first).word == "recorded")
            let again = Self.raw("a", replica, text, [(.cacheRead, 5)], costNanodollars: 5)
            var retried = again
            retried.occurredAt = first.occurredAt
            #expect(await replica.report(retried).word == "duplicate")
            // The region in which the call was processed is read from the object too.
            retried.usage = Usage(
                format: retried.usage.format, quantities: retried.usage.quantities, raw: text, residualTokens: 0,
                region: "us")
            #expect(retried.servedRegion == "us")
            #expect(await replica.report(retried).word == "duplicate")
            var other = Self.raw("a", replica, #"{"prompt_tokens": 6}"#, [(.input, 5)])
            other.occurredAt = first.occurredAt
            #expect(await replica.report(other).word == "conflict")
            other = Self.raw("a", replica, text, [(.input, 5)], format: .gemini)
            other.occurredAt = first.occurredAt
            #expect(await replica.report(other).word == "conflict")
            await replica.drain()
            try fixture.expectNoProblems()
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
            // The month is closed without the replica's knowledge. The writer checks the month under the month's lock.
            try connection.closeMonths(where: "month = \(past.firstDay)")
            #expect(await replica.report(LedgerFixture.event("b", replica, at: moment)).word == "recorded")
            let booked = try connection.query("SELECT booking_month, day FROM ledger ORDER BY request_id").map {
                try $0.decode((CalendarDay, CalendarDay).self)
            }
            #expect(booked.map(\.0) == [past.firstDay, past.next.firstDay])
            #expect(booked.map(\.1) == [moment.day, moment.day])
            #expect(try fixture.count("rollup") == 2)
            await replica.drain()
            try fixture.expectNoProblems()
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
            // A retry after midnight finds the first entry.
            #expect(await replica.report(LedgerFixture.event("old", replica, at: last)).word == "duplicate")
            let booked = try fixture.connect().query(
                "SELECT booking_month, day, tableoid::regclass::text FROM ledger ORDER BY occurred_at"
            ).map { try $0.decode((CalendarDay, CalendarDay, String).self) }
            #expect(booked.map(\.0) == [last.day.month.firstDay, midnight.day])
            #expect(booked.map(\.1) == [last.day, midnight.day])
            #expect(Set(booked.map(\.2)).count == 2)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }
}
