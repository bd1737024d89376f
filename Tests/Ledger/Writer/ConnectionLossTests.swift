import Accounting
import Postgres
import PostgresTesting
import Synchronization
import Testing

@testable import Ledger

@Suite("A connection that is cut", .serialized) struct ConnectionLossTests {
    @Test("again and again loses nothing that was acknowledged and counts nothing twice")
    func cutWhileSettling() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000_000)]) { fixture in
            let replica = try fixture.replica()
            let isDone = Atomic(false)
            let cuts = Atomic(0)
            let cutter = Task {
                let connection = try fixture.connect()
                while !isDone.load(ordering: .relaxed) {
                    let cut = try connection.execute(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
                        """)
                    cuts.add(cut, ordering: .relaxed)
                    try await Task.sleep(for: .milliseconds(Int.random(in: 1...60)))
                }
            }
            let taskCount = 50
            let receipts = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for task in 0..<taskCount {
                    group.addTask {
                        var ids: [Int64] = []
                        for number in 0..<(2000 / taskCount) {
                            let hold = try await replica.hold("r\(task)-\(number)")
                            let result = await LedgerResult.untilAnswered { await replica.settle(hold, tokens: 7) }
                            #expect(result.isInLedger)
                            if let receipt = result.receipt { ids.append(receipt.entryID) }
                        }
                        return ids
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            isDone.store(true, ordering: .relaxed)
            try await cutter.value
            #expect(cuts.load(ordering: .relaxed) > 5)
            #expect(receipts.count == 2000)
            #expect(Set(receipts).count == 2000)
            let there = try fixture.connect().query("SELECT entry_id FROM ledger").map {
                try $0.decode(Int64.self, at: 0)
            }
            #expect(Set(there) == Set(receipts))
            #expect(there.count == 2000)
            #expect(try fixture.window().spent == 2000 * 70)
            #expect(replica.status.openHolds == 0)
            await replica.drain()
            // Nothing stays leased, whatever the outcome of the interrupted grant batches.
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    /// Runs `body` while PostgreSQL carries out commits of the fixture's database but never answers them.
    ///
    /// The commits wait for a standby that is not there. Commits of the cluster's other databases do not.
    private func withSilentCommits<Result: Sendable>(
        _ fixture: LedgerFixture, _ body: () async throws -> Result
    ) async throws -> Result {
        let connection = try fixture.connect()
        try connection.executeScript("SET synchronous_commit = 'local'")
        func setStandby(_ name: String) async throws {
            try connection.executeScript("ALTER SYSTEM SET synchronous_standby_names = '\(name)'")
            try connection.executeScript("SELECT pg_reload_conf()")
            try await eventually {
                try fixture.connect().query("SHOW synchronous_standby_names")[0].decode(String.self, at: 0) == name
            }
        }
        try await setStandby("absent")
        do {
            let result = try await body()
            try await setStandby("")
            return result
        } catch {
            try await setStandby("")
            throw error
        }
    }

    /// Makes only sessions of this fixture's database wait for a standby.
    private func prepare(_ fixture: LedgerFixture) throws {
        let connection = try fixture.connect()
        try connection.executeScript("ALTER SYSTEM SET synchronous_commit = 'local'")
        try connection.executeScript("SELECT pg_reload_conf()")
        try connection.executeScript("ALTER DATABASE \(fixture.database.name) SET synchronous_commit = 'on'")
    }

    /// Ends each session whose commit waits for the standby, until the commits have had the effect looked for. Other
    /// duties of the replica commit too.
    private func cutSilentCommits(
        _ fixture: LedgerFixture, until isSeen: @Sendable () async throws -> Bool
    ) async throws {
        try await eventually {
            _ = try fixture.connect().query(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event = 'SyncRep'
                """)
            return try await isSeen()
        }
    }

    @Test("after the commit of a settlement is found to have been committed")
    func unknownSettlement() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 100_000)]) { fixture in
            try prepare(fixture)
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 50)
            let second = try await replica.hold("s", tokens: 50)
            let word = try await withSilentCommits(fixture) {
                let word = Task { await replica.settle(hold, tokens: 70).word }
                try await cutSilentCommits(fixture) { try fixture.count("ledger") == 1 }
                return word
            }
            #expect(await word.value == "recorded")
            #expect(try fixture.window().spent == 700)
            #expect(replica.status.openHolds == 1)
            #expect(await replica.settle(hold, tokens: 70).word == "duplicate")
            #expect(await replica.settle(second, tokens: 20).word == "recorded")
            await replica.drain()
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("after the commit of a grant leaves the lease as it was granted")
    func unknownGrant() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 100_000)]) { fixture in
            try prepare(fixture)
            let replica = try fixture.replica()
            _ = try await replica.hold("first")
            replica.core.withLock { core in
                core.update { _ = $0.takeIdle(at: SystemClock.now(), all: true) }
            }
            let leased = try fixture.window().leased
            try await withSilentCommits(fixture) {
                async let outcome = replica.authorize(LedgerFixture.call("r", tokens: 1000))
                try await cutSilentCommits(fixture) { try fixture.window().leased > leased }
                _ = await outcome
            }
            let hold = try await replica.hold("s", tokens: 1000)
            #expect(await replica.settle(hold, tokens: 1000).word == "recorded")
            await replica.drain()
            // At most the two holds that nobody ended stay leased.
            #expect(try fixture.window().leased <= 100 + 10_000)
            try fixture.expectNoProblems()
        }
    }
}
