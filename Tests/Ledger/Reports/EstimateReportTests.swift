import Postgres
import SeededRandom
import Testing

@testable import Accounting
@testable import Ledger

@Suite("The report of estimates") struct EstimateReportTests {
    private static let month = Zone.utc.day(at: SystemClock.wallTime()).month

    private func report(_ connection: Connection, _ month: CalendarMonth = month, team: String? = nil) throws -> Report
    {
        let definition = try #require(try ReportCatalog(LedgerFixture.resources).definition("estimates"))
        return try definition.run(month: month, team: team, connection)
    }

    private func lines(_ connection: Connection, team: String? = nil) throws -> [String] {
        try report(connection, team: team).rows.map { row in
            row.map { $0.text.isEmpty ? "-" : $0.text }.joined(separator: " ")
        }
    }

    private func fold(_ connection: Connection) throws {
        while try EstimateSums.fold.run(takesSmall: true, connection).entries > 0 {}
    }

    @Test("tells what was held in vain and what was overrun, and leaves out what was taken back or never settled")
    func told() async throws {
        try await LedgerFixture.with([EstimatedEntryTests.budget(.estimate)]) { fixture in
            let connection = try fixture.withoutMaintenance()
            let replica = try fixture.replica()
            #expect(await replica.settle(try await replica.hold("a", tokens: 100), tokens: 40).word == "recorded")
            #expect(await replica.settle(try await replica.hold("b", tokens: 10), tokens: 12).word == "recorded")
            #expect(await replica.report(LedgerFixture.event("e", replica, tokens: 7)).word == "recorded")
            let large = try await replica.hold("c", tokens: 900)
            #expect(try await replica.verdict(LedgerFixture.call("d", tokens: 90)).reason?.code == .fundsHeld)
            #expect(await replica.settle(large, tokens: 450).word == "recorded")
            let late = try await replica.hold("l", "haiku", tokens: 200)
            try await replica.expireAll()
            try fold(connection)
            let first = try lines(connection)
            let opus =
                "t - opus 3 0.0000101 0.000000981 0.000009329 0.000000412 0.000004664 50 120 0.0000051 1 0.00000002"
            #expect(first.map { String($0.prefix(opus.count)) } == [opus])

            #expect(await replica.settle(late, tokens: 0).word == "recorded")
            // The report of the last call was wrong: it used a third of its hold, and what was committed is taken back.
            #expect(await replica.settle(large, tokens: 300).word == "conflict")
            let number: Int64 = try connection.query("SELECT disputed_id FROM disputed")[0].decode(at: 0)
            let usage = try #require(try RefusedUsage(number, connection))
            _ = await replica.accept(usage, DisputeDecision(author: "finance", reason: "why"))
            await replica.drain()
            try fold(connection)
            let last = try lines(connection)
            #expect(
                last == [
                    "t - haiku 1 0.0000002 0.000000206 0.000000206 0 0 0 0 0.0000002 0 0 0",
                    "t - opus 3 0.0000101 0.000000981 0.000009329 0.000000412 0.000003025 40 120 0.0000066 1 0.00000002 1",
                ])
            #expect(try lines(connection, team: "u") == [])
            #expect(try report(connection, Self.month.next).rows.isEmpty)
        }
    }

    /// An entry that the test writes: of a call, or in a call's place.
    private struct Entry {
        var kind = "usage"
        /// The entry that a reversal takes back.
        var corrects: Int64?
        var daysEarlier: Int64 = 0
        var model: String
        var held: Int64?
        var spent: Int64?

        var counts: Bool { kind == "usage" && held != nil && spent != nil }
    }

    private func write(_ entries: [Entry], _ number: Int64, of replicaID: Int64, _ connection: Connection) throws {
        let first = EntryID.first(of: replicaID) + number * 1_000
        try connection.execute(
            """
            INSERT INTO ledger (entry_id, booking_month, kind, corrects_entry_id, occurred_at, recorded_at, day, source,
                request_id, attempt, team, feature, tag_keys, tag_values, requested_model, provider, model, service_tier,
                status, meters, quantities, price_ids, input_tokens, output_tokens, residual_tokens, currency,
                effective_cost_nanodollars, estimate_nanodollars, hold_number, window_ids, batch_replica_id, batch_number)
            SELECT \(first) + n - 1, \(Self.month.firstDay), kind, corrects, now(), now(),
                \(Self.month.firstDay)::date - earlier::int, 'job', 'e', 1, 't', 'f', '{}', '{}', 'm', 'maker', model, 'standard', 'ok',
                '{}', '{}', '{}', 0, 0, 0, 'USD', NULLIF(spent, -1), NULLIF(held, -1), CASE WHEN held >= 0 THEN n END, '{}',
                \(replicaID), \(number)
            FROM unnest(\(entries.map(\.kind)), \(entries.map(\.corrects)), \(entries.map(\.daysEarlier)),
                \(entries.map(\.model)), \(entries.map { $0.held ?? -1 }), \(entries.map { $0.spent ?? -1 }))
                WITH ORDINALITY AS e(kind, corrects, earlier, model, held, spent, n)
            """)
        try connection.execute(
            """
            INSERT INTO batch (replica_id, number, entry_count, first_entry_id, last_entry_id, hash)
            VALUES (\(replicaID), \(number), \(Int64(entries.count)), \(first), \(first + Int64(entries.count) - 1), 'hash')
            """)
    }

    private static func entries(_ random: inout SplitMix64) -> [Entry] {
        (0..<200).map { _ in
            let held = random.anySize(upTo: 1_000_000_000_000)
            // Most calls use a part of their holds, some all of it, a few more.
            let spent = random.chance(percent: 10) ? held : held / 100 * random.int64(0...110)
            var entry = Entry(model: random.pick(["opus", "haiku"]), held: held, spent: spent)
            if random.chance(percent: 5) { entry.held = nil }
            if random.chance(percent: 5) { entry.spent = nil }
            if random.chance(percent: 5) { entry.kind = "estimated" }
            entry.daysEarlier = random.chance(percent: 10) ? 40 : 0
            return entry
        }
    }

    @Test("is as exact as it says, with late entries and those that were taken back, each once", arguments: seeds)
    func exactness(seed: UInt64) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            var random = SplitMix64(seed: seed)
            let replicas = try (0..<2).map { _ in try ReplicaRegistry.register(connection) }
            var kept: [Int64: Entry] = [:]
            // The second replica takes back entries of the first that are not in the sums yet, and then older ones.
            for number in Int64(1)...3 {
                let calls = Self.entries(&random)
                try write(calls, number, of: replicas[0], connection)
                let first = EntryID.first(of: replicas[0]) + number * 1_000
                for (index, entry) in calls.enumerated() { kept[first + Int64(index)] = entry }
                let takenBack = kept.keys.sorted().filter { _ in random.chance(percent: 10) }
                try write(
                    takenBack.map { Entry(kind: "reversal", corrects: $0, model: kept.removeValue(forKey: $0)!.model) },
                    number, of: replicas[1], connection)
                try connection.executeScript("ALTER TABLE batch DISABLE TRIGGER USER")
                try connection.execute(
                    "UPDATE batch SET committed_at = now() - interval '1 hour' WHERE replica_id = \(replicas[1])")
                if number > 1 { try fold(connection) }
            }
            let rows = try report(connection, Self.month).rows
            try fold(connection)
            #expect(try report(connection, Self.month).rows.map { $0.map(\.text) } == rows.map { $0.map(\.text) })
            #expect(rows.map { $0[2].text } == ["haiku", "opus"])
            for row in rows { check(row, kept.values.filter { $0.counts && $0.model == row[2].text }) }
        }
    }

    /// Compares a row with what its calls come to, call by call.
    private func check(_ row: [Report.Cell], _ calls: [Entry]) {
        func percentile(_ percent: Int, _ amounts: [Double]) -> Double {
            amounts.sorted()[(amounts.count * percent + 99) / 100 - 1]
        }
        let (held, spent) = (calls.map { Double($0.held!) }, calls.map { Double($0.spent!) })
        let shares = calls.map { $0.held == 0 ? 0 : Double($0.spent!) * 100 / Double($0.held!) }
        for (column, percent, amounts) in [(5, 50, held), (6, 95, held), (7, 50, spent), (8, 95, spent)] {
            let exact = percentile(percent, amounts)
            // Half a nanodollar is the rounding of the smallest amounts.
            #expect(abs(Double(row[column].nanodollars) - exact) <= exact * 0.05 + 0.5, "column \(column)")
        }
        for (column, percent) in [(9, 50), (10, 95)] {
            let (shown, exact) = (Double(row[column].text) ?? -1, percentile(percent, shares))
            #expect(exact <= shown && shown < exact + 1, "column \(column)")
        }
        let differences = calls.map { Int128($0.held! - $0.spent!) }
        #expect(row[3].nanodollars == calls.count)
        #expect(row[4].nanodollars == calls.reduce(0) { $0 + Int128($1.held!) })
        #expect(row[11].nanodollars == differences.filter { $0 > 0 }.reduce(0, +))
        #expect(row[12].nanodollars == differences.count { $0 < 0 })
        #expect(row[13].nanodollars == -differences.filter { $0 < 0 }.reduce(0, +))
    }

    @Test(
        "rounds the share of a hold up to whole percent",
        arguments: [
            (0, 700, 0), (1, 700, 1), (7, 700, 1), (8, 700, 2), (700, 700, 100), (701, 700, 101), (7_000, 700, 1_000),
            (9_000, 700, 1_000), (.max, .max, 100), (.max, .max - 1, 101), (0, 0, 0), (1, 0, 1_000),
        ] as [(Int64, Int64, Int32)])
    func share(spent: Int64, held: Int64, percent: Int32) async throws {
        try await LedgerFixture.with { fixture in
            let row = try fixture.connect().query("SELECT bucket_of_share(\(spent), \(held))")[0]
            #expect(try row.decode(Int32.self, at: 0) == percent)
        }
    }
}

extension Report.Cell {
    /// A count, or an amount in nanodollars.
    fileprivate var nanodollars: Int128 {
        switch self {
        case .count(let number), .usd(let number): number ?? -1
        case .text, .converted: -1
        }
    }
}
