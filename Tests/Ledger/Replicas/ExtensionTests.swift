import Postgres
import Testing

@testable import Accounting
@testable import Ledger

@Suite("A hold that is given more time") struct ExtensionTests {
    private static let budgets = [LedgerFixture.budget(limit: 10_000)]

    /// Lets `replica` do its maintenance as if so many seconds had passed, and waits until all of it is committed.
    private func tick(_ replica: Replica, aheadSeconds: Int64, _ fixture: LedgerFixture) async throws {
        let now = replica.now()
        let later = Moment(
            wall: now.wall.adding(seconds: aheadSeconds),
            monotonicNanoseconds: now.monotonicNanoseconds + aheadSeconds * 1_000_000_000)
        while replica.core.withLock({ $0.tick(at: later) }) {}
        replica.core.writerSignal.raise()
        let event = LedgerFixture.event("after-\(replica.id)-\(aheadSeconds)", replica)
        #expect(await replica.record(event, isOccurredAtGiven: false).word == "recorded")
    }

    private func isExtended(_ hold: Hold, by replica: Replica, seconds: Int64 = 3600) async throws -> Bool {
        do {
            let expiresAt = try await replica.extend(hold, seconds: seconds)
            #expect(expiresAt > hold.expiresAt)
            return true
        } catch is HoldExtensions.Ended {
            return false
        }
    }

    @Test(
        "does not expire before its new end, whether its maker or another replica was asked", arguments: [true, false])
    func lives(isAskedOfMaker: Bool) async throws {
        try await LedgerFixture.with(Self.budgets) { fixture in
            let (maker, other) = (try fixture.replica(), try fixture.replica())
            let (hold, control) = (try await maker.hold("r"), try await maker.hold("control"))
            #expect(try await isExtended(hold, by: isAskedOfMaker ? maker : other))
            try await tick(maker, aheadSeconds: 700, fixture)
            #expect(maker.core.withLock { $0.openHolds } == [hold])
            #expect(try fixture.count("hold_end", where: "hold_number = \(hold.id.number)") == 0)
            #expect(try fixture.count("hold_end", where: "hold_number = \(control.id.number) AND how = 'expired'") == 1)
            // However far ahead its maker believes to be, PostgreSQL's clock decides.
            try await tick(maker, aheadSeconds: 7_200, fixture)
            #expect(maker.core.withLock { $0.openHolds } == [hold])
            try fixture.connect().execute("UPDATE hold_extension SET expires_at = clock_timestamp()")
            try await tick(maker, aheadSeconds: 14_400, fixture)
            #expect(try fixture.count("hold_end", where: "hold_number = \(hold.id.number) AND how = 'expired'") == 1)
            #expect(try await !isExtended(hold, by: other))
            for replica in [maker, other] { await replica.drain() }
            try fixture.expectNoProblems()
        }
    }

    @Test("never gets less than it had")
    func never() async throws {
        try await LedgerFixture.with(Self.budgets) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold("r")
            #expect(try await replica.extend(hold, seconds: 1) == hold.expiresAt)
            let long = try await replica.extend(hold, seconds: 3600)
            #expect(try await replica.extend(hold, seconds: 60) > long.adding(seconds: -60))
            #expect(try fixture.count("lease", where: "longest_hold_seconds >= 3600") == 1)
            await replica.drain()
        }
    }

    @Test("must be open", arguments: ["recorded", "ended"])
    func ended(how: String) async throws {
        try await LedgerFixture.with(Self.budgets) { fixture in
            let (maker, other) = (try fixture.replica(), try fixture.replica())
            let hold = try await maker.hold("r")
            let end = how == "ended" ? await other.void(hold) : await other.settle(hold, tokens: 5)
            #expect(end.word == how)
            for replica in [maker, other] { #expect(try await !isExtended(hold, by: replica)) }
            #expect(try fixture.count("hold_extension") == 0)
            for replica in [maker, other] { await replica.drain() }
        }
    }

    @Test("has ended once an expiry that was under way is committed")
    func race() async throws {
        try await LedgerFixture.with(Self.budgets) { fixture in
            let replica = try fixture.replica()
            let (hold, connection) = (try await replica.hold("r"), try fixture.connect())
            try connection.execute("BEGIN")
            _ = try connection.query(HoldExtensions.lock(makers: [hold.id.replicaID]))
            async let isExtended = isExtended(hold, by: replica)
            try await eventually {
                try fixture.count("pg_locks", where: "locktype = 'advisory' AND NOT granted") == 1
            }
            try connection.execute(
                """
                INSERT INTO hold_end (replica_id, hold_number, how, ended_by)
                VALUES (\(hold.id.replicaID), \(hold.id.number), 'expired', \(hold.id.replicaID))
                """)
            try connection.execute("COMMIT")
            #expect(try await !isExtended)
            await replica.drain()
        }
    }

    @Test("is kept by those to whom its maker handed it over")
    func handedOver() async throws {
        try await LedgerFixture.with(Self.budgets) { fixture in
            let quiet = try fixture.withoutMaintenance()
            defer { withExtendedLifetime(quiet) {} }
            let (maker, other) = (try fixture.replica(), try fixture.replica())
            let hold = try await maker.hold("r")
            await maker.drain()
            #expect(try await isExtended(hold, by: other))
            let connection = try fixture.connect()
            try connection.execute("UPDATE handed_over SET expires_at = clock_timestamp()")
            #expect(try HandedOverHolds.takeExpired(other.holdTokens, connection) == [])
            // Somebody who has read it as expired before it was extended does not end it either.
            other.core.withLock { $0.expire([hold], at: other.now()) }
            try await tick(other, aheadSeconds: 0, fixture)
            #expect(try fixture.count("hold_end") == 0)
            try connection.execute("UPDATE hold_extension SET expires_at = clock_timestamp()")
            #expect(try HandedOverHolds.takeExpired(other.holdTokens, connection) == [hold])
            await other.drain()
        }
    }

    @Test("keeps its money when its maker dies, and has ended once that was taken back")
    func makerDies() async throws {
        try await LedgerFixture.with(Self.budgets) { fixture in
            let quiet = try fixture.withoutMaintenance()
            defer { withExtendedLifetime(quiet) {} }
            let (maker, other) = (try fixture.replica(), try fixture.replica())
            let (hold, connection) = (try await maker.hold("r"), try fixture.connect())
            func silent(seconds: Int64) throws {
                try connection.execute(
                    """
                    UPDATE replica SET state = 'gone', heartbeat_at = clock_timestamp() - make_interval(secs => \(seconds))
                    WHERE replica_id = \(hold.id.replicaID)
                    """)
            }
            try silent(seconds: 500)
            #expect(try await isExtended(hold, by: other, seconds: 1200))
            try silent(seconds: 1_700)
            #expect(try Reclaim.reclaim(connection) == 0)
            #expect(try fixture.window().leased >= 100)
            try silent(seconds: 1_720)
            #expect(try Reclaim.reclaim(connection) == 1)
            #expect(try await !isExtended(hold, by: other))
            await other.drain()
        }
    }
}
