import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("Verdict counts") struct VerdictCountTests {
    @Test("are written without a settlement to go with them, and add up over replicas")
    func counts() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 500, scope: Scope(team: "t", feature: "f"))]) {
            fixture in
            let replicas = [try fixture.replica(), try fixture.replica()]
            for (index, replica) in replicas.enumerated() {
                for number in 0..<3 { _ = try await replica.hold("free\(index)\(number)") }
                let who = Attribution(team: "t", feature: "f")
                _ = try await replica.verdict(LedgerFixture.call("big\(index)", tokens: 51, who: who))
                replica.tick()
            }
            try await eventually {
                try fixture.connect().query("SELECT COALESCE(sum(calls), 0)::bigint FROM verdict_count")[0]
                    .decode(Int64.self, at: 0) == 8
            }
            let rows = try fixture.connect().query(
                "SELECT feature, provider, model, verdict, reason, calls, day FROM verdict_count ORDER BY verdict"
            ).map { try $0.decode((String, String, String, String, String, Int64, CalendarDay).self) }
            #expect(rows.map(\.5) == [6, 2])
            #expect(rows.map(\.3) == ["admit", "deny"])
            #expect(rows.map(\.4) == ["", "over_call_limit"])
            #expect(rows.map(\.2) == ["opus", ""])
            #expect(rows.map(\.0) == ["", "f"])
            for replica in replicas { await replica.drain() }
        }
    }
}
