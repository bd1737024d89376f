import Accounting
import Postgres
import PostgresTesting
import Pricing
import Testing

@testable import Ledger

@Suite("How much of what is called has a price") struct PriceCoverageTests {
    private func with(_ body: @escaping @Sendable (Connection) throws -> Void) async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { try body($0.connect()) }
    }

    @Test("is told of the calls of 31 days, a team's own, and by provider where it is not whole")
    func calls() async throws {
        try await with { connection in
            let nothing = try PriceCoverage.read(team: nil, connection)
            #expect(nothing.calls == PricedShare(all: 0, priced: 0) && nothing.calls.fraction == nil)
            #expect(nothing.providers.isEmpty && nothing.release == nil)

            // Each of these is five calls.
            try LedgerFixture.use("m", of: "a", daysAgo: 0, unpriced: 0, connection)
            try LedgerFixture.use("n", of: "b", daysAgo: 30, unpriced: 2, connection)
            try LedgerFixture.use("o", of: "", daysAgo: 1, unpriced: 5, team: "u", connection)
            try LedgerFixture.use("n", of: "b", daysAgo: 31, unpriced: 5, connection)
            let all = try PriceCoverage.read(team: nil, connection)
            #expect(all.calls == PricedShare(all: 15, priced: 8))
            #expect(all.calls.fraction?.description == "0.533333")
            #expect(all.providers.map(\.name) == ["", "b"])
            #expect(all.providers.map(\.calls) == [PricedShare(all: 5, priced: 0), PricedShare(all: 5, priced: 3)])
            #expect(try PriceCoverage.read(team: "t", connection).calls == PricedShare(all: 10, priced: 8))
        }
    }

    @Test("is rounded down, so that only all of them are the whole")
    func rounding() {
        #expect(PricedShare(all: 10_000_000, priced: 9_999_999).fraction?.description == "0.999999")
        #expect(PricedShare(all: 3, priced: 3).fraction == .whole)
        #expect(PricedShare(all: .max, priced: .max - 1).fraction?.description == "0.999999")
    }

    @Test("names the release of the shipped book and how much of its sources is priced")
    func release() async throws {
        try await with { connection in
            _ = try PriceStore.load(LedgerFixture.resources, connection)
            let release = try #require(try PriceCoverage.read(team: nil, connection).release)
            #expect(release.version == PriceRelease.version(of: release.date))
            #expect(release.sources.count >= 2)
            for source in release.sources { #expect(source.share.fraction! > Fraction(millionths: 900_000)) }
            #expect(try ConfigurationStore.priceRelease(connection) == release)
            #expect(try ConfigurationStore.load(connection).configuration.prices.release == release)
        }
    }

    @Test("is counted by the server that does the maintenance, and told once there were calls")
    func metric() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let pricedCalls = PricedCalls()
            try pricedCalls.count(connection)
            #expect(pricedCalls.share == PricedShare(all: 0, priced: 0))
            try LedgerFixture.use("opus", of: "maker", daysAgo: 2, unpriced: 1, connection)
            let replica = try fixture.replica()
            let deadline = ContinuousClock.now + .seconds(30)
            while replica.pricedCallShare == nil, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(replica.pricedCallShare == PricedShare(all: 5, priced: 4))
            await replica.drain()
        }
    }

    private func file(retired: String) throws -> PriceFile {
        try LedgerFixture.priceFile(
            """
              Old:
                retired: \(retired)
                aliases: [older]
                prices:
                  - {from: 2020-01-01, standard: {input_tokens: "1"}}
            """)
    }

    @Test("a retired model is found while it is called, with the calls since")
    func retiredInUse() async throws {
        try await with { connection in
            let today = SystemClock.wallTime().day
            func day(_ ago: Int) -> CalendarDay { CalendarDay(daysSince1970: today.daysSince1970 - ago) }
            func found(team: String? = nil) throws -> [String] {
                try PriceFinding.all(team: team, connection).filter { $0.kind == .retiredInUse }
                    .map { "\($0.provider ?? "-")/\($0.model) \($0.detail)" }
            }
            func retire(_ ago: Int) throws {
                _ = try PriceStore.add(
                    [file(retired: day(ago).description)], from: .asWritten, isDryRun: false, connection)
            }
            try retire(10)
            #expect(try PriceStore.retirement(of: ModelName(provider: "p", model: "old"), connection) == day(10))
            #expect(try PriceStore.retirement(of: ModelName(provider: "q", model: "old"), connection) == nil)
            #expect(try found().isEmpty)
            try LedgerFixture.use("old", of: "p", daysAgo: 10, unpriced: 0, connection)
            #expect(try found().isEmpty, "it was still served")
            try LedgerFixture.use("Old", of: "p", daysAgo: 9, unpriced: 2, connection)
            #expect(
                try found() == [
                    "p/Old retired on \(day(10)), as far as its sources know; 3 later calls of the last 31 days are "
                        + "charged at its last price"
                ])
            #expect(try found(team: "u").isEmpty, "a team sees nothing of another one's use")
            try retire(-3)
            #expect(try found().isEmpty, "it is still to come")
        }
    }
}
