import Accounting
import JSON
import Postgres
import Pricing
import SeededRandom
import Testing

@testable import Ledger

@Suite("The reports of a closed month") struct FrozenReportTests {
    private static let teams = ["t", "u", "v"]

    @Test("are the same, byte for byte, whatever comes later", arguments: [1, 2, 3, 4] as [UInt64])
    func frozen(seed: UInt64) async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let replica = try fixture.replica()
            let connection = try fixture.connect()
            for team in Self.teams { _ = try TeamStore.create(team, connection) }
            try connection.addCredit("c", 700, from: PastMonth.before.firstDay.description)
            var generator = SplitMix64(seed: seed)
            try await Self.book("early", 40, &generator, fixture, replica)
            try connection.execute("UPDATE team SET cost_center = '4711' WHERE name = 't'")
            try await fixture.forceClosed(PastMonth.last, replica)
            let closed = try Self.reports(fixture)
            let centers = try Self.costCenters(connection)
            #expect(centers.contains("4711"))
            #expect(closed.allSatisfy { $0.contains(#""state":"closed""#) })

            try await Self.book("later", 40, &generator, fixture, replica)
            _ = try TeamStore.rename("t", to: "other", by: "test", reason: nil, connection)
            try connection.execute("UPDATE team SET cost_center = 'x', display_name = 'y'")
            let dearer = LedgerFixture.priceFile.replacing("\"0.01\"", with: "\"0.02\"")
            _ = try PriceStore.add(
                [PriceFile.parse(dearer, fileName: "maker.yaml")], from: .asWritten, isDryRun: false, connection)
            #expect(try await CorrectionRun(RerateScope(), on: replica).run().correctedCalls > 0)
            _ = try await ReversalRun(
                .ids((0..<10).map { "early-\($0)" }, source: "job", team: nil), by: "test", reason: "wrong", on: replica
            ).run()
            while try EstimateSums.fold.run(takesSmall: true, connection).entries > 0 {}
            #expect(try Self.reports(fixture) == closed)
            // What is read anew for its parameters knows the cost centres of then.
            #expect(try Self.costCenters(connection) == centers)
            // A user's name is the one thing that may go.
            #expect(closed.contains { $0.contains("zoe-user") })
            #expect(try fixture.count("month_report", where: "content::text LIKE '%zoe-user%'") == 0)
            try connection.execute("UPDATE person SET name = NULL WHERE name = 'zoe-user'")
            let erased = closed.map { $0.replacing("zoe-user", with: "erased") }
            #expect(try Self.reports(fixture) == erased)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("that was opened again are those of its last close, as they were while it was open")
    func reopened() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let connection = try fixture.connect()
            for team in Self.teams { _ = try TeamStore.create(team, connection) }
            try connection.addCredit("c", 10_000_000, from: PastMonth.before.firstDay.description)
            var generator = SplitMix64(seed: 5)
            try await Self.book("early", 40, &generator, fixture, replica)
            try await fixture.forceClosed(PastMonth.last, replica)
            let first = try Self.reports(fixture) { $0.csv }
            // What is taken back of a closed month is booked in the open one, and given back to the credit there.
            _ = try await ReversalRun(
                .ids((0..<20).map { "early-\($0)" }, source: "job", team: nil), by: "test", reason: "wrong", on: replica
            ).run()
            _ = try MonthStore.reopen(PastMonth.last, by: "admin", reason: "calls were missing", connection)
            try fixture.expectNoProblems()
            try await Self.book("later", 20, &generator, fixture, replica)
            let open = try Self.reports(fixture) { $0.csv }
            try await fixture.forceClosed(PastMonth.last, replica)
            let last = try Self.reports(fixture) { $0.csv }
            #expect(last == open && last != first)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    private static func book(
        _ name: String, _ count: Int, _ generator: inout SplitMix64, _ fixture: LedgerFixture, _ replica: Replica
    ) async throws {
        for number in 0..<count {
            let month = [PastMonth.before, PastMonth.last, PastMonth.current].randomElement(using: &generator)!
            let day = month == PastMonth.current ? 1 : Int64.random(in: 1...28, using: &generator)
            let team = teams.randomElement(using: &generator)!
            var event = LedgerFixture.event(
                "\(name)-\(number)", replica, ["opus", "haiku", "unknown"].randomElement(using: &generator)!,
                tokens: Int64.random(in: 1...500, using: &generator),
                who: Attribution(
                    team: team, feature: number % 3 == 0 ? nil : "f", user: number % 2 == 0 ? "zoe-user" : nil),
                at: month.firstDay.startUTC.adding(seconds: 86_400 * (day - 1)))
            event.recordedAt = event.occurredAt
            #expect(await replica.report(event).word == "recorded")
        }
    }

    /// Every report of both closed months, of all teams and of each, in both formats.
    private static func reports(
        _ fixture: LedgerFixture, text: (Report) -> String = FrozenReportTests.everything
    ) throws -> [String] {
        let connection = try fixture.connect()
        var texts: [String] = []
        for definition in try ReportCatalog(LedgerFixture.resources).definitions {
            for month in [PastMonth.before, PastMonth.last] {
                for team in [nil] + teams.map(String?.some) {
                    texts.append(text(try definition.run(month: month, team: team, connection)))
                }
            }
        }
        return texts
    }

    /// What the closed months cost by cost centre.
    private static func costCenters(_ connection: Connection) throws -> String {
        let range = try #require(ReportRange(from: PastMonth.before.firstDay, to: PastMonth.current.firstDay))
        let query = ReportQuery(range, values: ["group_by": ["cost_center"]])
        return try #require(try ReportCatalog(LedgerFixture.resources).definition("spend")).run(query, connection).csv
    }

    private static func everything(_ report: Report) -> String {
        var writer = JSONWriter()
        writer.object { report.write(to: &$0) }
        return String(decoding: writer.bytes, as: UTF8.self) + report.csv
    }
}
