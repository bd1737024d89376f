import Postgres
import Testing

@testable import Accounting
@testable import Ledger

@Suite("Money that is idle in another replica's lease") struct RevocationTests {
    /// Gives `replica` a lease with nothing held in it.
    private func makeIdle(_ replica: Replica, tokens: Int64, _ fixture: LedgerFixture) async throws {
        let hold = try await replica.hold("idle-\(replica.id)", tokens: tokens)
        #expect(await replica.void(hold).word == "ended")
        #expect(try fixture.window().leased >= tokens * 10)
    }

    @Test("is called back before a call is denied")
    func revocation() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let (first, second) = (try fixture.replica(), try fixture.replica())
            try await makeIdle(first, tokens: 800, fixture)
            #expect(try await second.verdict(LedgerFixture.call("all", tokens: 1000)).kind == .admit)
            #expect(try fixture.window().leased == 10_000)
            await first.drain()
            await second.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("is told from money that calls in flight hold there")
    func held() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let (first, second) = (try fixture.replica(), try fixture.replica())
            let hold = try await first.hold("r", tokens: 600)
            let denied = try await second.verdict(LedgerFixture.call("s", tokens: 401))
            #expect(denied.reason?.code == .fundsHeld)
            #expect(try await second.verdict(LedgerFixture.call("s", tokens: 400)).kind == .admit)
            // In near-limit mode, money that a hold did not use is available to all replicas at once.
            #expect(await first.settle(hold, tokens: 100).word == "recorded")
            #expect(try await second.verdict(LedgerFixture.call("t", tokens: 500)).kind == .admit)
            await first.drain()
            await second.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("is found by looking where the word of it is lost")
    func silence() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let (first, second) = (try fixture.replica(), try fixture.replica())
            try await makeIdle(first, tokens: 800, fixture)
            // Ends the listening sessions, as a connection pooler in front of PostgreSQL may do.
            try fixture.connect().execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE 'LISTEN%'
                """)
            try await eventually {
                try await second.verdict(LedgerFixture.call("all", tokens: 1000)).kind == .admit
            }
            await first.drain()
            await second.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("with a replica that does not answer keeps nobody waiting for ever")
    func stopped() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let connection = try fixture.connect()
            // A registration with an idle lease and no replica behind it, as when a process is stopped.
            let stopped = try ReplicaRegistry.register(connection)
            try connection.execute("UPDATE budget_window SET leased = 9000")
            try connection.execute(
                "INSERT INTO lease (replica_id, window_id, amount) SELECT \(stopped), window_id, 9000 FROM budget_window"
            )
            let replica = try fixture.replica()
            let denied = try await replica.verdict(LedgerFixture.call("r", tokens: 200))
            #expect(denied.reason?.code == .fundsHeld)
            #expect(try await replica.verdict(LedgerFixture.call("s", tokens: 100)).kind == .admit)
            await replica.drain()
        }
    }

    @Test("goes to those who wait, wherever they are: 3 replicas spend one budget to its end")
    func nearLimit() async throws {
        let limit: Int64 = 1_000_000
        try await LedgerFixture.with([LedgerFixture.budget(limit: limit)]) { fixture in
            let replicas = [try fixture.replica(), try fixture.replica(), try fixture.replica()]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<24 {
                    group.addTask {
                        var number = 0
                        while true {
                            number += 1
                            let replica = replicas[(client + number) % 3]
                            let tokens = Int64(1 + (client * 7 + number * 13) % 100)
                            let verdict = try await replica.verdict(
                                LedgerFixture.call("r\(client)-\(number)", tokens: tokens))
                            if let hold = verdict.hold {
                                let other = replicas[(client + number * 2) % 3]
                                #expect(await other.settle(hold, tokens: tokens * 2 / 3).word == "recorded")
                            } else if verdict.reason?.code == .budgetExhausted {
                                return
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let window = try fixture.window()
            #expect(window.spent <= limit)
            #expect(window.spent > limit - 1000)
            for replica in replicas { await replica.drain() }
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }
}
