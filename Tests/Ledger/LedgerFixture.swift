import Accounting
import Foundation
import Logging
import Postgres
import PostgresTesting
import Pricing
import Testing

@testable import Ledger

/// A migrated database with a team and three models that cost 10, 4 and 1 nanodollars a token, and replicas on it.
struct LedgerFixture: Sendable {
    let database: TestDatabase

    static let resources = ResourceDirectory(
        path: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path)

    static let priceFile = """
        provider: maker
        maker: true
        source: what the maker says
        retrieved: 2026-01-01
        currency: USD
        per: 1000000 tokens
        models:
          opus:
            max_output_tokens: 50
            prices:
              - from: 2020-01-01
                standard: {input_tokens: "0.01", output_tokens: "0.01"}
          sonnet:
            aliases: [verse]
            max_output_tokens: 50
            prices:
              - from: 2020-01-01
                standard: {input_tokens: "0.004", output_tokens: "0.004"}
          haiku:
            max_output_tokens: 50
            prices:
              - from: 2020-01-01
                standard: {input_tokens: "0.001", output_tokens: "0.001"}
        """

    /// Runs `body` on a database of its own with `budgets`.
    static func with(_ budgets: [BudgetDraft] = [], _ body: (LedgerFixture) async throws -> Void) async throws {
        try await TestDatabase.with(template) { database in
            let fixture = LedgerFixture(database: database)
            for budget in budgets { _ = try fixture.put(budget) }
            try await body(fixture)
        }
    }

    private static let template = TestTemplate { try prepare($0) }

    /// A migrated database without content, on which a server can start.
    static let migrated = TestTemplate { try migrate($0.connect()) }

    private static func migrate(_ connection: Connection) throws {
        try Migrator(resources).migrate(connection) { _ in }
        try ConfigurationStore.prepare(connection, timeZone: .utc)
        try heartbeatsAreKnown(since: "-infinity", connection)
    }

    /// The cluster of the tests has just started, but to most tests it has always been there.
    static func heartbeatsAreKnown(since moment: String, _ connection: Connection) throws {
        try connection.executeScript(
            """
            CREATE OR REPLACE FUNCTION heartbeats_known_since() RETURNS timestamptz LANGUAGE sql STABLE AS
            $$ SELECT timestamptz '\(moment)' $$
            """)
    }

    /// Migrates an empty database and adds the team, the prices and `budgets`.
    @discardableResult
    static func prepare(_ database: TestDatabase, _ budgets: [BudgetDraft] = []) throws -> LedgerFixture {
        let fixture = LedgerFixture(database: database)
        let connection = try fixture.connect()
        try migrate(connection)
        _ = try TeamStore.create("t", connection)
        let prices = try PriceFile.parse(priceFile, fileName: "maker.yaml")
        _ = try PriceStore.add([prices], from: .asWritten, isDryRun: false, connection)
        for budget in budgets { _ = try fixture.put(budget) }
        return fixture
    }

    func connect() throws -> Connection { try database.connect() }

    /// Blocks while the replica registers, which a test may do. Without a connection string the replica connects to the
    /// database directly.
    func replica(through connectionString: String? = nil) throws -> Replica {
        try Replica(connectionString: connectionString ?? database.connectionString, log: Self.silent, alertsAreDue: {})
    }

    /// While the connection that this returns is open, no replica does maintenance.
    func withoutMaintenance() throws -> Connection {
        let connection = try connect()
        try connection.execute("SELECT pg_advisory_lock(\(AdvisoryLock.maintenance.rawValue), 0)")
        return connection
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func budget(
        _ id: String = "b", limit: Int64, scope: Scope = Scope(team: "t"), period: Period = .month,
        unit: Budget.Unit = .usd, _ enforcement: Budget.Enforcement = .hard, alertAt: [Int64] = []
    ) -> BudgetDraft {
        BudgetDraft(
            id: id, scope: scope, period: period, zone: .utc, unit: unit, limit: limit, enforcement: enforcement,
            downgradeAt: nil, alertAt: alertAt.map { Fraction(millionths: $0 * 10_000) })
    }

    /// Where no replica runs yet, the opening is summed for good at once, so that maintenance has nothing left to do.
    @discardableResult func put(
        _ draft: BudgetDraft, by author: BudgetStore.Author = BudgetStore.Author(name: "test")
    ) throws -> BudgetStore.Stored {
        let connection = try connect()
        let prices = try ConfigurationStore.load(connection).configuration.prices
        let stored = try BudgetStore.put(
            draft, prices: prices, expecting: nil, by: author, content: { _ in "{}" }, connection)
        let configuration = try ConfigurationStore.load(connection).configuration
        try BudgetOpening.finish(stored.budget.number, in: configuration, connection)
        return stored
    }

    static func call(
        _ requestID: String, _ model: String = "opus", tokens: Int64 = 10, who: Attribution = Attribution(team: "t"),
        holdSeconds: Int64 = 600
    ) -> Call {
        Call(
            requestID: requestID, who: who, model: model, inputTokens: tokens, maxOutputTokens: 0,
            holdSeconds: holdSeconds)
    }

    /// A usage event: a call that was never authorized.
    static func event(
        _ id: String, _ replica: Replica, _ model: String = "opus", tokens: Int64 = 10,
        who: Attribution = Attribution(team: "t"), source: String = "job", at occurredAt: Timestamp? = nil
    ) -> LedgerEntry {
        let name = replica.configuration.prices.name(of: model, provider: nil)
        let moment = occurredAt ?? SystemClock.wallTime()
        return LedgerEntry(
            occurredAt: moment, recordedAt: SystemClock.wallTime(), source: source, requestID: id, who: who,
            requestedModel: model, model: name, tier: .standard, usage: usage(tokens),
            rated: rated(tokens, name, replica, at: moment))
    }

    static func usage(_ tokens: Int64) -> Usage {
        var quantities = Quantities()
        quantities.add(.input, tokens)
        return Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0)
    }

    static func rated(_ tokens: Int64, _ model: ModelName, _ replica: Replica, at moment: Timestamp) -> RatedCall {
        replica.configuration.rater.rate(
            usage(tokens).quantities, of: "t", on: model, tier: .standard, region: nil, at: moment)
    }

    /// The state of one budget's newest window.
    func window(_ budget: String = "b") throws -> (limit: Int64, spent: Int64, leased: Int64) {
        try connect().query(
            """
            SELECT w.limit_amount, w.spent, w.leased FROM window_total w JOIN budget USING (budget_number)
            WHERE id = \(budget) ORDER BY starts_at DESC LIMIT 1
            """)[0].decode((Int64, Int64, Int64).self)
    }

    func count(_ table: String, where condition: SQL = "true") throws -> Int64 {
        try connect().query("SELECT count(*) FROM \(unescaped: table) WHERE " + condition)[0].decode(at: 0)
    }

    /// All problems that `purser verify` finds.
    func problems() throws -> [String] { try Verification.run(connect()).problems }

    func expectNoProblems(_ location: SourceLocation = #_sourceLocation) throws {
        let problems = try problems()
        #expect(problems == [], sourceLocation: location)
    }
}

struct NoHold: Error {}

extension Replica {
    /// The verdict on a call. Asks again while a busy machine is too slow to give one.
    func verdict(_ call: Call) async throws -> Verdict {
        for _ in 0..<100 {
            if case .verdict(let verdict, _) = await authorize(call) { return verdict }
        }
        Issue.record("\(call.requestID) was not judged")
        throw NoHold()
    }

    func hold(_ call: Call) async throws -> Hold {
        let verdict = try await verdict(call)
        guard let hold = verdict.hold else {
            Issue.record("\(call.requestID) was not admitted: \(verdict.reason?.message ?? "")")
            throw NoHold()
        }
        return hold
    }

    func hold(_ requestID: String, _ model: String = "opus", tokens: Int64 = 10) async throws -> Hold {
        try await hold(LedgerFixture.call(requestID, model, tokens: tokens))
    }

    func entry(settling hold: Hold, tokens: Int64, model: ModelName? = nil) -> LedgerEntry {
        let served = model ?? hold.model
        var entry = LedgerEntry(
            occurredAt: hold.authorizedAt, recordedAt: SystemClock.wallTime(), source: "settle",
            requestID: hold.requestID, who: hold.who, requestedModel: hold.requestedModel, model: served,
            tier: hold.tier, usage: LedgerFixture.usage(tokens),
            rated: LedgerFixture.rated(tokens, served, self, at: hold.authorizedAt))
        entry.hold = hold
        return entry
    }

    func settle(_ hold: Hold, tokens: Int64, model: ModelName? = nil) async -> Result<LedgerOutcome, LedgerFailure> {
        await record(entry(settling: hold, tokens: tokens, model: model), isOccurredAtGiven: false)
    }

    func report(_ event: LedgerEntry) async -> Result<LedgerOutcome, LedgerFailure> {
        await record(event, isOccurredAtGiven: true)
    }
}

typealias LedgerResult = Result<LedgerOutcome, LedgerFailure>

extension Result where Success == LedgerOutcome, Failure == LedgerFailure {
    /// The outcome of a job in a word or two, for tables of expectations.
    var word: String {
        switch self {
        case .success(.recorded): "recorded"
        case .success(.duplicate): "duplicate"
        case .success(.conflict): "conflict"
        case .success(.overflow(let overflow)): "\(overflow)"
        case .success(.ended): "ended"
        case .success(.extended): "extended"
        case .success(.alreadyEnded(let how)): "already \(how.rawValue)"
        case .failure(.unavailable): "unavailable"
        case .failure(.unanswered): "unanswered"
        case .failure(.refused(let state)): "refused \(state)"
        }
    }

    /// Whether a client would send the request again, because it got a 503.
    var isWorthSendingAgain: Bool {
        switch self {
        case .failure(.unavailable), .failure(.unanswered): true
        default: false
        }
    }

    /// Whether the ledger has the entry, told now or told before.
    var isInLedger: Bool {
        switch self {
        case .success(.recorded), .success(.duplicate): true
        default: false
        }
    }

    /// What a router does with a 503: sends again, for as long as the answer says so. A slow machine may need longer for a
    /// promotion or a restart than a job is waited for.
    static func untilAnswered(_ send: () async -> Self) async -> Self {
        while true {
            let result = await send()
            if !result.isWorthSendingAgain { return result }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    var receipt: Receipt? {
        switch self {
        case .success(.recorded(let receipt)), .success(.duplicate(let receipt)), .success(.conflict(let receipt)):
            receipt
        default: nil
        }
    }
}
