import Accounting
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

/// Both ways to lose the answer to a commit: the commit never arrived, or PostgreSQL carried it out.
@Suite("A connection that is cut in the middle of a commit", .timeLimit(.minutes(1))) struct CommitCutTests {
    private func withProxy(_ body: (LedgerFixture, ProtocolProxy, Replica) async throws -> Void) async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let proxy = try ProtocolProxy(to: fixture.database.connectionString)
            defer { proxy.close() }
            let replica = try fixture.replica(through: proxy.connectionString)
            try await body(fixture, proxy, replica)
            #expect(proxy.brokenCount == 1)
            await replica.drain()
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test(
        "of a batch leaves every job in it with its own outcome, once",
        arguments: [ProtocolProxy.Moment.beforeCommit, .afterCommit])
    func batch(moment: ProtocolProxy.Moment) async throws {
        try await withProxy { fixture, proxy, replica in
            let (settled, voided) = (try await replica.hold("settled"), try await replica.hold("voided"))
            let (early, both) = (try await replica.hold("early"), try await replica.hold("both"))
            #expect(await replica.report(LedgerFixture.event("known", replica)).word == "recorded")
            #expect(await replica.void(early).word == "ended")

            let blocker = try await replica.hold("blocker")
            let jobs: [(expected: String, run: @Sendable () async -> Result<LedgerOutcome, LedgerFailure>)] = [
                ("recorded", { await replica.settle(settled, tokens: 7) }),
                ("ended", { await replica.void(voided) }),
                ("already voided", { await replica.void(early) }),
                ("recorded", { await replica.settle(both, tokens: 8) }),
                ("already settled", { await replica.void(both) }),
                ("recorded", { await replica.report(LedgerFixture.event("new", replica)) }),
                ("conflict", { await replica.report(LedgerFixture.event("known", replica, tokens: 99)) }),
            ]
            let words = try await inOneBatch(jobs.map(\.run), behind: blocker, replica, fixture) {
                proxy.breakNext(moment, ofTransactionsWith: "INSERT INTO ledger")
            }
            #expect(words == jobs.map(\.expected))
            #expect(try fixture.count("ledger") == 4)
            #expect(try fixture.count("disputed") == 1)
            #expect(try fixture.window().spent == 70 + 80 + 100 + 100)
            #expect(replica.status.openHolds == 0)
            #expect(await replica.settle(settled, tokens: 7).word == "duplicate")
            #expect(await replica.report(LedgerFixture.event("after", replica)).word == "recorded")
        }
    }

    /// Queues the jobs one after the other behind a batch that waits for its lock, so that the next batch contains all
    /// of them.
    private func inOneBatch(
        _ jobs: [@Sendable () async -> Result<LedgerOutcome, LedgerFailure>], behind blocker: Hold,
        _ replica: Replica, _ fixture: LedgerFixture, whenQueued: () -> Void
    ) async throws -> [String] {
        let key = Int32(truncatingIfNeeded: replica.id)
        let other = try fixture.connect()
        try other.execute("SELECT pg_advisory_lock(\(AdvisoryLock.batch.rawValue), \(key))")
        let first = Task { await replica.void(blocker).word }
        let waits: SQL = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = \(Int64(key)) AND NOT granted"
        try await eventually { try !fixture.connect().query(waits).isEmpty }
        var tasks: [Task<String, Never>] = []
        for (index, job) in jobs.enumerated() {
            tasks.append(Task { await job().word })
            try await eventually { replica.status.waitingSettlements == index + 1 }
        }
        whenQueued()
        try other.execute("SELECT pg_advisory_unlock(\(AdvisoryLock.batch.rawValue), \(key))")
        #expect(await first.value == "ended")
        var words: [String] = []
        for task in tasks { words.append(await task.value) }
        return words
    }

    @Test("of a batch is asked after until there is an answer, whatever goes wrong with the asking")
    func unfindable() async throws {
        try await withProxy { fixture, proxy, replica in
            let hold = try await replica.hold("r")
            let blocker = try fixture.connect()
            let key = Int32(truncatingIfNeeded: replica.id)
            try blocker.execute("SELECT pg_advisory_lock(\(AdvisoryLock.batch.rawValue), \(key))")
            let answer = Task { await LedgerResult.untilAnswered { await replica.settle(hold, tokens: 10) }.isInLedger }
            proxy.breakNext(.afterCommit, ofTransactionsWith: "INSERT INTO ledger")
            try blocker.execute("SELECT pg_advisory_unlock(\(AdvisoryLock.batch.rawValue), \(key))")
            try await eventually { proxy.brokenCount == 1 }
            // An error of a kind that does not pass by itself.
            try blocker.execute("ALTER TABLE batch RENAME TO batch_away")
            try await Task.sleep(for: .milliseconds(400))
            try blocker.execute("ALTER TABLE batch_away RENAME TO batch")
            #expect(await answer.value)
            #expect(try fixture.count("ledger") == 1)
            #expect(await replica.report(LedgerFixture.event("after", replica)).word == "recorded")
        }
    }

    @Test(
        "of a round of leases leaves the lease as PostgreSQL has it",
        arguments: [ProtocolProxy.Moment.beforeCommit, .afterCommit])
    func round(moment: ProtocolProxy.Moment) async throws {
        try await withProxy { fixture, proxy, replica in
            let first = try await replica.hold("first")
            proxy.breakNext(moment, ofTransactionsWith: "INSERT INTO lease")
            let second = try await replica.hold("second", tokens: 5_000)
            try await eventually { proxy.brokenCount == 1 }
            #expect(await replica.settle(first, tokens: 10).word == "recorded")
            #expect(await replica.settle(second, tokens: 5_000).word == "recorded")
            #expect(try fixture.window().spent == 100 + 50_000)
        }
    }

    @Test("whose connection stays, but is silent, is asked after on another one") func silent() async throws {
        try await withProxy { fixture, proxy, replica in
            let hold = try await replica.hold("r")
            proxy.breakNext(.afterCommit, by: .silence, ofTransactionsWith: "INSERT INTO ledger")
            #expect(await replica.settle(hold, tokens: 10).word == "recorded")
            #expect(try fixture.count("ledger") == 1)
            #expect(await replica.settle(hold, tokens: 10).word == "duplicate")
        }
    }
}
