import Accounting
import Foundation
import Ledger
import Logging
import PacedMonth
import Postgres
import PostgresTesting

/// Calls that were played through a real server's replica on a database of its own, under budgets so tight that it denies,
/// downgrades and clamps.
///
/// Calls come and end in the order of their times, each once the one before it is answered: calls in flight overlap as
/// they did, but no two of them race.
package struct PlayedHour: Sendable {
    package let database: TestDatabase
    package let budgets: [BudgetDraft]
    package let configuration: Configuration
    package let span: Range<Timestamp>
    /// How the replica answered.
    package private(set) var calls = 0
    package private(set) var denied = 0
    package private(set) var downgraded = 0
    package private(set) var clamped = 0

    package static let team = "azure"
    private static let users = 50
    private static let maxOutputTokens: Int64 = 2_000
    private static let least: Int64 = 100

    private struct Running {
        let endsAt: Timestamp
        let hold: Hold
        let usage: Usage
    }

    /// Runs `body` with the calls played.
    ///
    /// - Parameter resources: where the migrations are.
    package static func with<Value>(
        _ calls: [TrafficCall], _ resources: ResourceDirectory, _ body: (PlayedHour) async throws -> Value
    ) async throws -> Value {
        try await TestDatabase.with { database in
            let budgets = try prepare(database.connect(), tightFor: calls, resources)
            let replica = try Replica(
                connectionString: database.connectionString,
                log: Logger(label: "replay") { _ in SwiftLogNoOpLogHandler() },
                alertsAreDue: {})
            // Spending before is known by quarters of an hour.
            let quarter: Int64 = 900
            let from = Timestamp(seconds: replica.now().wall.seconds / quarter * quarter)
            var hour = PlayedHour(
                database: database, budgets: budgets, configuration: replica.configuration, span: from..<from)
            try await hour.play(calls, on: replica)
            await replica.drain()
            let to = Timestamp(seconds: (replica.now().wall.seconds / quarter + 1) * quarter)
            return try await body(hour.over(from..<to))
        }
    }

    private init(database: TestDatabase, budgets: [BudgetDraft], configuration: Configuration, span: Range<Timestamp>) {
        (self.database, self.budgets, self.configuration, self.span) = (database, budgets, configuration, span)
    }

    private func over(_ span: Range<Timestamp>) -> PlayedHour {
        var hour = PlayedHour(database: database, budgets: budgets, configuration: configuration, span: span)
        (hour.calls, hour.denied, hour.downgraded, hour.clamped) = (calls, denied, downgraded, clamped)
        return hour
    }

    // MARK: The deployment

    private static func prepare(
        _ connection: Connection, tightFor calls: [TrafficCall], _ resources: ResourceDirectory
    ) throws -> [BudgetDraft] {
        try Migrator(resources).migrate(connection) { _ in }
        try ConfigurationStore.prepare(connection, timeZone: .utc)
        _ = try TeamStore.create(team, connection)
        _ = try PriceStore.add([LadderOfThree.priceFile], from: .asWritten, isDryRun: false, connection)
        _ = try LadderStore.put(
            Ladder(team: team, feature: nil, models: LadderOfThree.models, floor: nil), connection)
        let budgets = budgets(tightFor: calls)
        for draft in budgets {
            let prices = try ConfigurationStore.load(connection).configuration.prices
            let stored = try BudgetStore.put(
                draft, prices: prices, expecting: nil, by: BudgetStore.Author(name: "test"), content: { _ in "{}" },
                connection)
            let configuration = try ConfigurationStore.load(connection).configuration
            try BudgetOpening.finish(stored.budget.number, in: configuration, connection)
        }
        return budgets
    }

    /// Hard, soft and shadow budgets, one with windows for each user, some with a threshold: shares of what the calls cost on
    /// the best model.
    private static func budgets(tightFor calls: [TrafficCall]) -> [BudgetDraft] {
        let all = LadderOfThree.cost(of: calls, on: 0)
        func budget(
            _ id: String, percent: Int64, _ scope: Scope, _ enforcement: Budget.Enforcement = .hard,
            downgradeAt: Int64? = nil, of windows: Int64 = 1
        ) -> BudgetDraft {
            BudgetDraft(
                id: id, scope: scope, period: .month, zone: .utc, unit: .usd, limit: all / windows * percent / 100,
                enforcement: enforcement, downgradeAt: downgradeAt.map { Fraction(millionths: $0 * 10_000) },
                alertAt: [])
        }
        return [
            budget("team", percent: 60, Scope(team: team)),
            budget("code", percent: 30, Scope(team: team, feature: "code"), downgradeAt: 50),
            budget("chat", percent: 20, Scope(team: team, feature: "chat"), .soft, downgradeAt: 80),
            budget("users", percent: 70, Scope(team: team, each: [.user]), of: Int64(users)),
            budget("best", percent: 10, Scope(team: team, model: LadderOfThree.models[0]), .shadow),
        ]
    }

    // MARK: The calls

    private mutating func play(_ all: [TrafficCall], on replica: Replica) async throws {
        var running: [Running] = []
        for (number, call) in all.enumerated() {
            for ended in running.filter({ $0.endsAt <= call.at }) { try await end(ended, on: replica) }
            running.removeAll { $0.endsAt <= call.at }
            let asked = Call(
                requestID: "r\(number)",
                who: Attribution(team: Self.team, feature: call.feature, user: "user-\(number * 7919 % Self.users)"),
                model: LadderOfThree.models[0], inputTokens: call.inputTokens, maxOutputTokens: Self.maxOutputTokens,
                minOutputTokens: call.feature == "chat" ? Self.least : nil)
            let verdict = try await verdict(on: asked, by: replica)
            note(verdict)
            guard let hold = verdict.hold else { continue }
            let output = min(call.outputTokens, verdict.maxOutputTokens ?? call.outputTokens)
            var quantities = Quantities()
            quantities.add(.input, call.inputTokens)
            quantities.add(.output, output)
            // A second, and fifty tokens in each more.
            running.append(
                Running(
                    endsAt: call.at.adding(seconds: 1 + output / 50), hold: hold,
                    usage: Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0)))
        }
        for ended in running.sorted(by: { $0.endsAt < $1.endsAt }) { try await end(ended, on: replica) }
    }

    private mutating func note(_ verdict: Verdict) {
        calls += 1
        if verdict.kind == .deny { denied += 1 }
        if verdict.kind == .downgrade { downgraded += 1 }
        if verdict.isClamped { clamped += 1 }
    }

    struct Unanswered: Error {}

    private func verdict(on call: Call, by replica: Replica) async throws -> Verdict {
        // A busy machine may be too slow to give a verdict in time.
        for _ in 0..<100 {
            let outcome = await withCheckedContinuation { continuation in
                replica.authorize(call) { continuation.resume(returning: $0) }
            }
            if case .verdict(let verdict, _)? = outcome { return verdict }
        }
        throw Unanswered()
    }

    private func end(_ ended: Running, on replica: Replica) async throws {
        let hold = ended.hold
        var entry = LedgerEntry(
            occurredAt: hold.authorizedAt, recordedAt: replica.now().wall, source: "settle", requestID: hold.requestID,
            who: hold.who, requestedModel: hold.requestedModel, model: hold.model, tier: hold.tier, usage: ended.usage,
            rated: replica.configuration.rater.rate(
                ended.usage.quantities, of: hold.who.team, on: hold.model, tier: hold.tier, region: nil,
                at: hold.authorizedAt))
        entry.hold = hold
        let settled = entry
        let result = await withCheckedContinuation { continuation in
            _ = replica.record(settled, isOccurredAtGiven: false) { continuation.resume(returning: $0) }
        }
        _ = try result.get()
    }
}
