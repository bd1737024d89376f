import Accounting
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("A standby that is promoted", .timeLimit(.minutes(1)), .serialized) struct PromotionTests {
    private func withStandby(
        _ body: (
            _ primary: DisposableServer, _ standby: DisposableServer, _ replication: ProtocolProxy, LedgerFixture
        ) async throws -> Void
    ) async throws {
        try await DisposableServer.with { primary in
            let fixture = try LedgerFixture.prepare(primary.database, [LedgerFixture.budget(limit: 1_000_000_000)])
            try await primary.withSynchronousStandby { try await body(primary, $0, $1, fixture) }
        }
    }

    private func hosts(_ primary: DisposableServer, _ standby: DisposableServer) -> String {
        "\(primary.database.connectionString) host=\(primary.socketDirectory),\(standby.socketDirectory)"
    }

    @Test("under writing has all that was acknowledged, once, and its replicas register anew") func writing()
        async throws
    {
        try await withStandby { primary, standby, _, fixture in
            let replica = try fixture.replica(through: hosts(primary, standby))
            let before = replica.id
            let hold = try await replica.hold("held")
            let promoted = LedgerFixture(database: standby.database)
            try await SteadyWriting.with(replica, on: promoted) { writing in
                try await writing.awaitAcknowledged(200)
                primary.cluster.stop(.immediate)
                try standby.promote()
                try await writing.awaitAcknowledged(200)
            }
            try await eventually { replica.id != before }
            #expect(await LedgerResult.untilAnswered { await replica.settle(hold, tokens: 10) }.isInLedger)
            let next = try await replica.hold("next")
            #expect(await LedgerResult.untilAnswered { await replica.settle(next, tokens: 10) }.isInLedger)
            await replica.drain()
            try promoted.expectNoProblems()
        }
    }

    @Test("has what was acknowledged though the wait for it was cut short") func cancelledWait() async throws {
        try await withStandby { primary, standby, replication, fixture in
            let replica = try fixture.replica(through: hosts(primary, standby))
            #expect(await replica.report(LedgerFixture.event("before", replica)).word == "recorded")
            replication.silence()
            let cut = LedgerFixture.event("cut", replica)
            let answer = Task { await LedgerResult.untilAnswered { await replica.report(cut) }.isInLedger }
            let commits: SQL = "SELECT count(*) FROM ledger WHERE request_id = 'cut'"
            let observer = try fixture.connect()
            while try observer.query(commits)[0].decode(Int64.self, at: 0) == 0 {
                try observer.execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                try await Task.sleep(for: .milliseconds(5))
            }
            // The entry is now on the primary alone, where anybody can see it.
            try await Task.sleep(for: .milliseconds(500))
            primary.cluster.stop(.immediate)
            try standby.promote()
            #expect(await answer.value)
            let promoted = LedgerFixture(database: standby.database)
            #expect(try promoted.count("ledger") == 2)
            await replica.drain()
            try promoted.expectNoProblems()
        }
    }

    @Test("has what was committed without an answer, which is found there") func found() async throws {
        try await withStandby { primary, standby, _, fixture in
            let proxy = try ProtocolProxy(to: primary.database.connectionString)
            defer { proxy.close() }
            let second = try ProtocolProxy(to: standby.database.connectionString)
            defer { second.close() }
            let replica = try fixture.replica(
                through: "\(proxy.connectionString) host=127.0.0.1,127.0.0.1 port=\(proxy.port),\(second.port)")
            proxy.breakNext(.afterCommit, by: .silence, ofTransactionsWith: "INSERT INTO ledger")
            let event = LedgerFixture.event("e", replica)
            let answer = Task { await LedgerResult.untilAnswered { await replica.report(event) }.isInLedger }
            try await eventually { proxy.brokenCount == 1 }
            primary.cluster.stop(.immediate)
            try standby.promote()
            proxy.close()
            #expect(await answer.value)
            let promoted = LedgerFixture(database: standby.database)
            #expect(try promoted.count("ledger") == 1)
            let after = LedgerFixture.event("after", replica)
            #expect(await LedgerResult.untilAnswered { await replica.report(after) }.isInLedger)
            await replica.drain()
            try promoted.expectNoProblems()
        }
    }
}
