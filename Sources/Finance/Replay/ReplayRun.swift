import Accounting
import Ledger
import Postgres

/// A replay of a deployment's verdict log, from its database.
package struct ReplayRun: Sendable {
    package struct Progress: Sendable {
        /// How many calls were judged.
        package let calls: Int64
        /// How many calls the log has of the time, or a few more. Nil where those of one team are judged: it is not told how
        /// many the others make.
        package let allCalls: Int64?
        /// Up to when the log was replayed.
        package let at: Timestamp
    }

    /// What a replay came to, and from when on there is a log.
    package struct Outcome: Sendable {
        package let result: ReplayResult
        /// Nil if there is none.
        package let logBegins: Timestamp?
    }

    /// The budgets have more windows at once than a replay keeps.
    package struct TooManyWindows: Error {}

    private let configuration: Configuration
    private let span: Range<Timestamp>
    private let team: String?
    private let callLimits: CallLimits

    /// - Parameters:
    ///   - current: the configuration in force, of which prices, agreements and ladders are taken.
    ///   - team: whose calls are judged; nil for all.
    ///   - callLimits: the most that one call may use, as on the servers.
    package init(
        _ budgets: [BudgetDraft], in current: Configuration, over span: Range<Timestamp>, team: String?,
        callLimits: CallLimits = .standard
    ) {
        configuration = Configuration(current, budgets: Self.numbered(budgets, as: current))
        self.span = span
        self.team = team
        self.callLimits = callLimits
    }

    /// The budgets as if they had been stored. One that is known by its id and scope keeps its number, so that of several
    /// budgets the same one is named as in truth, and what is not said of it. Nobody gets what is another scope's.
    static func numbered(_ drafts: [BudgetDraft], as current: Configuration) -> [Budget] {
        var last = current.scopes.budgets.last?.number ?? 0
        return drafts.map { draft in
            let known = current.budget(id: draft.id).flatMap { $0.scope == draft.scope ? $0 : nil }
            if known == nil { last += 1 }
            return Budget(
                number: known?.number ?? last, id: draft.id, version: 1, scope: draft.scope, period: draft.period,
                zone: draft.zone, unit: draft.unit, limit: draft.limit, enforcement: draft.enforcement,
                unpriced: draft.unpriced, downgradeAt: draft.downgradeAt, alertAt: draft.alertAt,
                owner: draft.owner ?? known?.owner ?? .team, isGranted: known?.isGranted ?? true, rules: draft.rules,
                profile: known?.pacing?.profile, createdAt: Timestamp(seconds: 0))
        }
    }

    /// How many records are replayed between two reports of the progress.
    package var recordsAReport = 100_000
    /// How many windows may be open at once. Each takes some hundred bytes.
    package var maximumWindows = 1_000_000

    /// This takes as long as the log is long, so it must not run where others wait.
    ///
    /// - Parameter report: is told now and then how far the replay is, and ends it by throwing.
    package func run(_ connection: Connection, report: (Progress) throws -> Void = { _ in }) throws -> Outcome {
        let logBegins = try VerdictFeed.begins(connection)
        return Outcome(
            result: try run(connection, opening: opening(connection), report: report), logBegins: logBegins)
    }

    /// What the windows of the budgets had spent before.
    package func opening(_ connection: Connection) throws -> [BudgetSpending.Part] {
        try BudgetSpending.past(
            of: configuration.budgets, by: span.lowerBound, in: configuration, connection)
    }

    package func run(
        _ connection: Connection, opening: [BudgetSpending.Part], report: (Progress) throws -> Void = { _ in }
    ) throws -> ReplayResult {
        var feed = try VerdictFeed(span, connection)
        var replay = replay(opening)
        var records = 0
        while let (record, replicaID) = try feed.next(connection) {
            replay.take(record, of: replicaID)
            records += 1
            if replay.windowCount > maximumWindows { throw TooManyWindows() }
            if records % recordsAReport == 0 {
                try report(
                    Progress(
                        calls: replay.callCount, allCalls: team == nil ? feed.callCount : nil, at: record.at))
            }
        }
        var result = replay.result()
        result.unreadPages = feed.unreadPages
        return result
    }

    private func replay(_ opening: [BudgetSpending.Part]) -> Replay {
        Replay(configuration, over: span, opening: opening, team: team, callLimits: callLimits)
    }

    /// The same of pages in memory, all of one replica.
    package func run(_ pages: [StoredPage], opening: [BudgetSpending.Part]) -> ReplayResult {
        var replay = replay(opening)
        var unreadPages: Int64 = 0
        for page in pages {
            var reader = VerdictPageReader(page.content, users: page.users)
            while let record = reader?.next() { replay.take(record, of: page.replicaID) }
            if reader?.isCut ?? true { unreadPages += 1 }
        }
        var result = replay.result()
        result.unreadPages = unreadPages
        return result
    }
}
