import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("Many names in daily sums") struct DailySumNameTests {
    @Test("are told of once a team and day, and every name keeps its sum") func told() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            for number in 1...4 {
                let who = Attribution(team: "t", feature: "made-up-\(number)")
                #expect(await replica.report(LedgerFixture.event("e\(number)", replica, who: who)).word == "recorded")
            }
            let names = DailySumNames()
            #expect(try names.find(connection, many: 4).isEmpty)
            let found = try names.find(connection, many: 3)
            #expect(found.map(\.team) == ["t"] && found.map(\.sums) == [4])
            #expect(try names.find(connection, many: 3).isEmpty)
            try connection.execute("UPDATE rollup SET day = day + 1")
            #expect(try names.find(connection, many: 3).map(\.team) == ["t"])
            #expect(try fixture.count("rollup") == 4)
            await replica.drain()
        }
    }
}
