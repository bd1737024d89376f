import Accounting
import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("Pages of the verdict log") struct VerdictPageTests {
    private static func records(_ fixture: LedgerFixture) throws -> [VerdictRecord] {
        let rows = try fixture.connect().query("SELECT content, user_ids FROM verdict_page ORDER BY replica_id, number")
        return try rows.flatMap { row -> [VerdictRecord] in
            let (content, users) = try row.decode(([UInt8], [Int64]).self)
            var reader = VerdictPageReader(content, users: users.map { "user \($0)" })
            return Array(sequence(state: ()) { _ in reader?.next() })
        }
    }

    private static func words(_ records: [VerdictRecord]) -> [String] {
        records.map { record in
            switch record {
            case .call(let call): "\(call.call.requestID) \(call.kind)"
            case .end(let end):
                "\(end.how)" + (end.settled.map { " for \($0.cost?.nanodollars ?? 0)" } ?? "")
            case .extended: "extended"
            case .charge(let charge): "charge of \(charge.cost?.nanodollars ?? 0)"
            }
        }
    }

    @Test("have every verdict and what came of it, in the order of the engine, and users by their numbers")
    func written() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 250)]) { fixture in
            let replica = try fixture.replica()
            let who = Attribution(team: "t", user: "somebody")
            let first = try await replica.hold(LedgerFixture.call("first", who: who))
            let second = try await replica.hold("second")
            #expect(try await replica.verdict(LedgerFixture.call("third")).kind == .deny)
            _ = try await replica.extend(second, seconds: 60)
            #expect(await replica.settle(second, tokens: 7).word == "recorded")
            await withCheckedContinuation { continuation in replica.void(first) { _ in continuation.resume() } }
            #expect(await replica.report(LedgerFixture.event("event", replica, tokens: 2)).word == "recorded")
            await replica.drain()
            #expect(
                try Self.words(Self.records(fixture)) == [
                    "first admit", "second admit", "third deny", "extended", "settled for 70", "voided", "charge of 20",
                ])
            let user: Int64 = try fixture.connect().query("SELECT user_id FROM person WHERE name = 'somebody'")[0]
                .decode(at: 0)
            guard case .call(let call) = try Self.records(fixture)[0] else { throw NoHold() }
            #expect(call.call.who.user == "user \(user)")
        }
    }

    @Test("that PostgreSQL refuses block no settlement") func refused() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000, .soft)]) { fixture in
            let replica = try fixture.replica()
            try fixture.connect().execute("DROP TABLE verdict_page")
            let hold = try await replica.hold("r")
            replica.tick()
            #expect(await replica.settle(hold, tokens: 1).word == "recorded")
            replica.tick()
            try await eventually { try fixture.count("verdict_count") == 1 }
            await replica.drain()
        }
    }

    @Test("wait while the database is away, and are sent again once it is back") func away() throws {
        let prices = PriceBook(models: [], makers: [])
        var engine = AdmissionEngine(
            replicaID: 1,
            configuration: Configuration(version: 1, teams: ["t"], budgets: [], ladders: [], prices: prices))
        engine.verdictLog.isOn = true
        var core = ReplicaCore(engine)
        func moment(_ second: Int64) -> Moment {
            Moment(wall: Timestamp(seconds: second), monotonicNanoseconds: second * 1_000_000_000)
        }
        func pages(_ second: Int64) -> [Int64] {
            while core.tick(at: moment(second)) {}
            return core.nextAttempt(at: moment(second))?.batch.verdictNotes.pages.map(\.number) ?? []
        }
        _ = core.authorize(LedgerFixture.call("r"), ticket: 0, at: moment(0))
        #expect(pages(0) == [1])
        _ = core.authorize(LedgerFixture.call("s"), ticket: 0, at: moment(3))
        _ = core.took(LedgerQueue.Outcome.failed, at: moment(6))
        #expect(pages(8) == [1, 2])
    }

    @Test("go to the database a few at a time, so that no settlement waits for what an outage has left")
    func afterOutage() {
        let configuration = Configuration(
            version: 1, teams: ["t"], budgets: [], ladders: [], prices: PriceBook(models: [], makers: []))
        var engine = AdmissionEngine(replicaID: 1, configuration: configuration)
        engine.verdictLog.isOn = true
        let now = Moment(wall: Timestamp(seconds: 1), monotonicNanoseconds: 1_000_000_000)
        var pages: [VerdictPage] = []
        for number in 1...20 {
            _ = engine.authorize(LedgerFixture.call("r\(number)"), at: now, isFinal: true)
            pages += engine.verdictLog.take()
        }
        engine.verdictLog.putBack(pages)
        var core = ReplicaCore(engine)
        while core.tick(at: now) {}
        var counts: [Int] = []
        while let batch = core.nextAttempt(at: now)?.batch {
            counts.append(batch.verdictNotes.pages.count)
            let committed = CommittedBatch(
                outcomes: [], endings: [], reopened: [], extended: [], replaced: [:], windows: [],
                didCrossThreshold: false, didMeetTakenIDs: false, didMeetOthers: false, seenRows: NamedRows(),
                lockWaitMicroseconds: 0, hash: [])
            _ = core.took(.committed(committed, batch), at: now)
        }
        #expect(counts == [8, 8, 4])
    }

    @Test("are not written where the log is off") func off() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try Replica(
                connectionString: fixture.database.connectionString, verdictLogDays: 0, log: LedgerFixture.silent,
                alertsAreDue: {})
            _ = try await replica.hold("r")
            await replica.drain()
            #expect(try fixture.count("verdict_page") == 0)
        }
    }

    @Test("are kept for as many days as they shall be", arguments: [0, 35] as [Int32]) func retention(days: Int32)
        async throws
    {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            for (number, hours) in [(1, days * 24 + 1), (2, days * 24 - 1)] as [(Int64, Int32)] {
                try connection.execute(
                    """
                    INSERT INTO verdict_page VALUES (1, \(number), now(), now() - make_interval(hours => \(hours)), 0, '{}', '')
                    """)
            }
            #expect(try Retention.verdictPages(days: days, connection) == 1)
            #expect(try connection.query("SELECT number FROM verdict_page")[0].decode(Int64.self, at: 0) == 2)
        }
    }
}
