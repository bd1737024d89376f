import Accounting
import Foundation
import Postgres
import PostgresTesting
import SeededRandom
import Testing

@testable import Ledger
@testable import Simulation

/// The simulator is only as good as its database. Here the same requests go to the simulated database and to a real
/// PostgreSQL.
@Suite("The simulated database") struct MirrorTests {
    @Test("answers as PostgreSQL does, and has the same rows after every transaction", arguments: [1, 2, 3])
    func mirror(seed: UInt64) async throws {
        try await TestDatabase.with { database in
            var mirror = try Mirror(database.connectionString, seed: seed)
            for _ in 0..<250 { try mirror.step() }
            #expect(mirror.rounds > 60)
            #expect(mirror.batches > 25)
            #expect(mirror.revocations > 3)
            #expect(mirror.reclaims > 0)
            #expect(
                try Verification.run(Connection(connectionString: database.connectionString)).holds)
        }
    }
}

/// Three replica cores. Each of their requests is carried out twice: in the simulated database and in PostgreSQL.
private struct Mirror {
    private let link: DatabaseLink
    private let holdTokens: HoldTokenCipher
    private let simulated: SimulatedDatabase
    private var cores: [ReplicaCore] = []
    private var holds: [Hold] = []
    private var random: SplitMix64
    private var requests = 0
    private(set) var rounds = 0
    private(set) var batches = 0
    private(set) var revocations = 0
    private(set) var reclaims = 0

    init(_ connectionString: String, seed: UInt64) throws {
        link = DatabaseLink(connectionString: connectionString, name: "mirror")
        random = SplitMix64(seed: seed)
        let connection = try Connection(connectionString: connectionString)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        try Migrator(ResourceDirectory(path: root.path)).migrate(connection) { _ in }
        // The cluster of the tests has just started. The simulated one has always been there.
        try connection.executeScript(
            """
            CREATE OR REPLACE FUNCTION heartbeats_known_since() RETURNS timestamptz LANGUAGE sql STABLE AS
            $$ SELECT timestamptz '-infinity' $$
            """)
        try ConfigurationStore.prepare(connection, timeZone: .utc)
        holdTokens = try ConfigurationStore.holdTokens(connection)
        _ = try TeamStore.create("a", connection)
        for (id, scope) in [("one", Scope(team: "a")), ("two", Scope(feature: "f"))] {
            let draft = BudgetDraft(
                id: id, scope: scope, period: .total, zone: .utc, unit: .tokens, limit: 4_000, enforcement: .hard,
                downgradeAt: nil, alertAt: [])
            _ = try BudgetStore.put(
                draft, prices: .empty, expecting: nil, by: BudgetStore.Author(name: "test"),
                content: { _ in "{}" }, connection)
        }
        let configuration = try ConfigurationStore.load(connection).configuration
        simulated = SimulatedDatabase(configuration, bug: nil)
        for row in try connection.query("SELECT window_id, budget_number FROM budget_window") {
            let (id, number) = try row.decode((Int64, Int64).self)
            let budget = configuration.scopes.budget(number)!
            simulated.open(
                WindowKey(budgetNumber: number, span: budget.window(containing: budget.createdAt)), as: id)
        }
        for _ in 0..<3 { cores.append(try start(connection)) }
    }

    private func start(_ connection: Connection) throws -> ReplicaCore {
        simulated.now = SystemClock.wallTime()
        let replicaID = try ReplicaRegistry.register(connection)
        _ = simulated.register(as: replicaID)
        var core = ReplicaCore(AdmissionEngine(replicaID: replicaID, configuration: simulated.configuration))
        core.acknowledged(heartbeatSentAtNanoseconds: SystemClock.monotonicNanoseconds())
        return core
    }

    mutating func step() throws {
        let index = random.int(0...2)
        switch random.int(0...99) {
        case 0..<50: authorize(index)
        case 50..<70: if let hold = takeHold() { settle(hold, index) }
        case 70..<76: if let hold = takeHold() { _ = cores[index].void(hold, at: moment()) { _ in } }
        case 76..<84:
            let now = moment(aheadSeconds: random.pick([0, 4, 30]))
            while cores[index].tick(at: now) {}
        case 84..<88: cores[index].catchUp()
        case 88..<91: try die(index)
        default: break
        }
        for index in cores.indices { try pump(index) }
        try compareRows()
    }

    private func moment(aheadSeconds: Int64 = 0) -> Moment {
        let now = SystemClock.now()
        return Moment(
            wall: now.wall.adding(seconds: aheadSeconds),
            monotonicNanoseconds: now.monotonicNanoseconds + aheadSeconds * 1_000_000_000)
    }

    private mutating func authorize(_ index: Int) {
        requests += 1
        let call = Call(
            requestID: "r\(requests)", who: Attribution(team: "a", feature: random.pick(["f", "g"])), model: "unknown",
            inputTokens: random.int64(1...600), maxOutputTokens: 0, holdSeconds: random.pick([5, 20]))
        if case .verdict(let verdict, _) = cores[index].authorize(call, ticket: 0, at: moment()),
            let hold = verdict.hold
        {
            holds.append(hold)
        }
    }

    private mutating func takeHold() -> Hold? {
        holds.isEmpty ? nil : holds.remove(at: random.int(0...holds.count - 1))
    }

    private mutating func settle(_ hold: Hold, _ index: Int) {
        let usage = SampleDeployment.usage(random.int64(0...700))
        var entry = LedgerEntry(
            occurredAt: hold.authorizedAt, recordedAt: SystemClock.wallTime(), source: "settle",
            requestID: hold.requestID, who: hold.who, requestedModel: hold.requestedModel, model: hold.model,
            tier: hold.tier, usage: usage, rated: .unpriced(usage.quantities))
        entry.hold = hold
        _ = cores[index].record(Posting(entry, isOccurredAtGiven: false), at: moment()) { _ in }
        // Some holds are ended a second time, perhaps on another replica.
        if random.chance(permille: 200) { holds.append(hold) }
    }

    /// A replica died without notice some time ago, and another takes its place.
    private mutating func die(_ index: Int) throws {
        let replicaID = cores[index].engine.replicaID
        let secondsAgo = random.pick([11, 13, 40])
        _ = try link.run {
            try $0.execute(
                """
                UPDATE replica SET heartbeat_at = clock_timestamp() - make_interval(secs => \(Int64(secondsAgo)))
                WHERE replica_id = \(replicaID)
                """)
        }
        simulated.replicas[replicaID]!.heartbeatAt = SystemClock.wallTime().adding(seconds: -Int64(secondsAgo))
        cores[index] = try link.run { try start($0) }
        reclaims += 1
    }

    // MARK: Requests, carried out twice

    private mutating func pump(_ index: Int) throws {
        for _ in 0..<20 {
            simulated.now = SystemClock.wallTime()
            var isQuiet = true
            if let request = cores[index].nextGrantBatch(at: moment()), case .grant(let round) = request {
                isQuiet = false
                grant(round, index)
            }
            if let attempt = cores[index].nextAttempt(at: moment()) {
                isQuiet = false
                try commit(attempt, index)
            }
            if let request = cores[index].nextHeartbeat(at: moment()) {
                isQuiet = false
                try beat(request, index)
                try maintain(index)
            }
            if let request = cores[index].nextControl(at: moment()) {
                isQuiet = false
                try control(request, index)
            }
            if isQuiet { return }
        }
    }

    private mutating func grant(_ round: GrantBatch, _ index: Int) {
        rounds += 1
        let outcome = LeaseStore.send(round, on: link) { Issue.record($0) }
        let expected = simulated.grant(round)
        switch (outcome, expected) {
        case (.committed(let real), .committed(let simulated)):
            #expect(real.plan.answers == simulated.plan.answers)
            #expect(real.plan.grants == simulated.plan.grants)
            #expect(real.plan.revoked == simulated.plan.revoked)
            // Nothing depends on the order in which PostgreSQL returns rows.
            #expect(real.facts.sorted { $0.windowID < $1.windowID }.map(Self.row) == simulated.facts.map(Self.row))
            revocations += real.plan.revoked.count
            let revoked = real.plan.revoked
            for answer in cores[index].took(outcome, of: round, at: moment()) {
                if case .verdict(let verdict, _) = answer.outcome, let hold = verdict.hold { holds.append(hold) }
            }
            if !revoked.isEmpty { for index in cores.indices { cores[index].hear(revoked: revoked) } }
            if !round.snapshot.revoked.isEmpty { for index in cores.indices { cores[index].lookAgain() } }
        case (.gone, .gone): _ = cores[index].took(outcome, of: round, at: moment())
        default: Issue.record("PostgreSQL said \(outcome), the simulation \(expected)")
        }
    }

    private static func row(_ facts: WindowFacts) -> [Int64] {
        [
            facts.windowID, facts.limit, facts.spent, facts.leased, facts.leasedHere, facts.leasedByGone,
            facts.revocation,
            facts.isRevocationUnderWay ? 1 : 0,
        ]
    }

    private mutating func commit(_ attempt: LedgerQueue.Attempt, _ index: Int) throws {
        batches += 1
        var batch = attempt.batch
        let real = try link.run { try batch.commit(on: $0, mayBeCommitted: attempt.mayBeCommitted) }
        let simulated = try #require(simulated.commit(attempt))
        #expect(real.outcomes.map { "\($0)" } == simulated.outcomes.map { "\($0)" })
        #expect(real.endings.map(\.wasFirst) == simulated.endings.map(\.wasFirst))
        let releases = [real, simulated].map { $0.endings.map { $0.charges.map(\.leaseRelease) } }
        #expect(releases[0] == releases[1])
        _ = cores[index].took(.committed(real, batch), at: moment())
    }

    private mutating func beat(_ request: HeartbeatQueue.Request, _ index: Int) throws {
        let answer: HeartbeatQueue.Answer = try link.run { connection in
            switch request {
            case .heartbeat(let replicaID, let version, let last):
                try ReplicaRegistry.heartbeat(replicaID, configurationVersion: version, last: last, connection)
            case .register(let formerID):
                .registered(replicaID: try ReplicaRegistry.register(above: formerID, connection))
            }
        }
        if case .registered(let replicaID) = answer {
            _ = simulated.register(as: replicaID)
        } else if case .heartbeat(let replicaID, let version, let last) = request {
            // The rows of the two differ by the time between the two requests.
            let known = last.map { _ in simulated.replicas[replicaID]!.heartbeatAt }
            switch (
                answer, simulated.answer(.heartbeat(replicaID: replicaID, configurationVersion: version, last: known))
            ) {
            case (.acknowledged(let real), .acknowledged(let simulated)):
                #expect(real.isOnNewTimeline == simulated.isOnNewTimeline)
            case (.gone, .gone): break
            case (_, let simulated): Issue.record("PostgreSQL said \(answer), the simulation \(simulated)")
            }
        }
        cores[index].took(answer, at: moment())
    }

    private mutating func maintain(_ index: Int) throws {
        let expired = try link.run { connection in
            try Reclaim.declareGone(connection)
            _ = try Reclaim.reclaim(connection)
            return try HandedOverHolds.takeExpired(holdTokens, connection)
        }
        #expect(expired.map(\.id).sorted() == simulated.maintain(simulated.now).map(\.id))
        cores[index].expire(expired, at: moment())
    }

    private mutating func control(_ request: ControlQueue.Request, _ index: Int) throws {
        let answer = try link.run { try real(request, $0) }
        switch (answer, simulated.answer(request, known: 0)) {
        case (.updates(let real), .updates(let simulated)):
            #expect(real.ended.sorted { $0.number < $1.number } == simulated.ended)
            #expect(real.revoked == simulated.revoked)
        case (.deregistered(let real), .deregistered(let simulated)):
            #expect(real?.releasedUpTo == simulated?.releasedUpTo)
        case (.loaded, .loaded): break
        case (_, let simulated): Issue.record("PostgreSQL said \(answer), the simulation \(simulated)")
        }
        cores[index].took(answer, at: moment())
    }

    private func real(_ request: ControlQueue.Request, _ connection: Connection) throws -> ControlQueue.Answer {
        switch request {
        case .load: return .loaded(simulated.configuration, [])
        case .deregister(let handover):
            return .deregistered(try ReplicaRegistry.deregister(handover, holdTokens, connection))
        case .readUpdates(let replicaID, let after, let looksForRevocations):
            return .updates(
                try ReplicaRegistry.updates(
                    of: replicaID, after: after, looksForRevocations: looksForRevocations, connection))
        }
    }

    // MARK: Rows

    private func compareRows() throws {
        try link.run { connection in
            let windows = try connection.query(
                "SELECT window_id, limit_amount, spent, leased, recall FROM window_total ORDER BY window_id"
            ).map { try $0.decode((Int64, Int64, Int64, Int64, Int64).self) }
            let expected = simulated.windows.sorted { $0.key < $1.key }
            #expect(
                windows.map { [$0.0, $0.1, $0.2, $0.3, $0.4] }
                    == expected.map { [$0.key, $0.value.limit, $0.value.spent, $0.value.leased, $0.value.revocation] })
            let leases = try connection.query(
                """
                SELECT replica_id, window_id, amount, longest_hold_seconds, round, recall FROM lease
                ORDER BY replica_id, window_id
                """
            ).map { try $0.decode((Int64, Int64, Int64, Int64, Int64, Int64).self) }
            #expect(
                leases.map { [$0.0, $0.1, $0.2, $0.3, $0.4, $0.5] }
                    == simulated.leases.sorted { $0.key < $1.key }.map { key, lease in
                        [
                            key.replicaID, key.windowID, lease.amount, lease.longestHoldSeconds, lease.round,
                            lease.revocation,
                        ]
                    })
            let ends: Int64 = try connection.query("SELECT count(*) FROM hold_end")[0].decode(at: 0)
            #expect(Int(ends) == simulated.ends.count)
            let entries: Int64 = try connection.query("SELECT count(*) FROM ledger")[0].decode(at: 0)
            #expect(Int(entries) == simulated.entries.count)
        }
    }
}
