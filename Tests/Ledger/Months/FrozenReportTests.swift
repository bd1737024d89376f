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
            try await fixture.forceClosed(PastMonth.last, replica)
            let closed = try Self.reports(fixture)
            #expect(closed.allSatisfy { $0.contains(#""state":"closed""#) })

            try await Self.book("later", 40, &generator, fixture, replica)
            _ = try TeamStore.rename("t", to: "other", by: "test", reason: nil, connection)
            try connection.execute("UPDATE team SET cost_center = 'x', display_name = 'y'")
            let dearer = LedgerFixture.priceFile.replacing("\"0.01\"", with: "\"0.02\"")
            _ = try PriceStore.add(
                [PriceFile.parse(dearer, fileName: "maker.yaml")], from: .asWritten, isDryRun: false, connection)
            #expect(try await CorrectionRun(RerateScope(), on: replica).run().correctedCalls > 0)
            _ = try await ReversalRun(
                of: (0..<10).map { "early-\($0)" }, from: "job", by: "test", reason: "wrong", on: replica
            ).run()
            while try EstimateSums.fold.run(takesSmall: true, connection).entries > 0 {}
            #expect(try Self.reports(fixture) == closed)
            await replica.drain()
            #expect(try fixture.problems() == [])
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
                who: Attribution(team: team, feature: number % 3 == 0 ? nil : "f"),
                at: month.firstDay.startUTC.adding(seconds: 86_400 * (day - 1)))
            event.recordedAt = event.occurredAt
            #expect(await replica.report(event).word == "recorded")
        }
    }

    /// Every report of both closed months, of all teams and of each, in both formats.
    private static func reports(_ fixture: LedgerFixture) throws -> [String] {
        let connection = try fixture.connect()
        var texts: [String] = []
        for definition in try ReportCatalog(LedgerFixture.resources).definitions {
            for month in [PastMonth.before, PastMonth.last] {
                for team in [nil] + teams.map(String?.some) {
                    let report = try definition.run(month: month, team: team, connection)
                    var writer = JSONWriter()
                    writer.object { report.write(to: &$0) }
                    texts.append(String(decoding: writer.bytes, as: UTF8.self) + report.csv)
                }
            }
        }
        return texts
    }
}
