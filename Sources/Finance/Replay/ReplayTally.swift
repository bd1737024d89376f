import Accounting

/// Adds up a replay.
struct ReplayTally {
    private struct RowKey: Hashable {
        let day: CalendarDay
        let team: String
        let feature: String?
    }

    private static let maximumDifferences = 20

    private let zone: Zone
    private var totals = ReplayResult()
    private var places: [RowKey: Int] = [:]
    private var outcomes: [Int64: ReplayResult.Outcome]
    private let order: [Int64]
    /// Whether a budget only says what it would have denied.
    private let hasLenient: Bool
    /// The row of the last call, which nearly always has the day of the next.
    private var today: (start: Timestamp, end: Timestamp, day: CalendarDay)?

    init(_ configuration: Configuration) {
        zone = configuration.accountingZone
        let budgets = configuration.budgets
        order = budgets.map(\.number)
        outcomes = Dictionary(uniqueKeysWithValues: budgets.map { ($0.number, ReplayResult.Outcome(budget: $0)) })
        hasLenient = budgets.contains { $0.enforcement != .hard }
    }

    mutating func row(_ who: Attribution, at moment: Timestamp) -> Int {
        let key = RowKey(day: day(at: moment), team: who.team, feature: who.feature)
        if let place = places[key] { return place }
        totals.rows.append(ReplayResult.Row(day: key.day, team: who.team, feature: who.feature))
        places[key] = totals.rows.count - 1
        return totals.rows.count - 1
    }

    private mutating func day(at moment: Timestamp) -> CalendarDay {
        if let today, moment >= today.start, moment < today.end { return today.day }
        let day = zone.day(at: moment)
        today = (zone.start(of: day), zone.start(of: CalendarDay(daysSince1970: day.daysSince1970 + 1)), day)
        return day
    }

    /// Counts a verdict, or a call that is refused without one. Returns the row of the call.
    mutating func count(_ logged: LoggedCall, _ verdict: Verdict?) -> Int {
        let row = row(logged.call.who, at: logged.at)
        guard let verdict else {
            totals.counts.addRefused()
            totals.rows[row].counts.addRefused()
            note(logged, becomes: "refused")
            return row
        }
        totals.counts.add(verdict)
        totals.rows[row].counts.add(verdict)
        if verdict.kind == .deny, let reason = verdict.reason { deny(reason, verdict, row, at: logged.at) }
        if hasLenient {
            for state in verdict.budgets where state.budget.enforcement != .hard && state.remaining < 0 {
                outcomes[state.budget.number]?.wouldDeny += 1
            }
        }
        if !logged.isSame(as: verdict) { note(logged, becomes: verdict.words) }
        return row
    }

    private mutating func deny(_ reason: Reason, _ verdict: Verdict, _ row: Int, at moment: Timestamp) {
        guard let budget = verdict.budgets.first(where: { $0.budget.id == reason.budgetID })?.budget else { return }
        outcomes[budget.number]?.denied += 1
        guard reason.code == .budgetExhausted else { return }
        if outcomes[budget.number]?.ranDryAt == nil { outcomes[budget.number]?.ranDryAt = moment }
        if totals.rows[row].ranDryAt == nil { totals.rows[row].ranDryAt = moment }
    }

    private mutating func note(_ logged: LoggedCall, becomes words: @autoclosure () -> String) {
        totals.differenceCount += 1
        guard totals.differences.count < Self.maximumDifferences else { return }
        totals.differences.append(
            ReplayResult.Difference(
                at: logged.at, team: logged.call.who.team, requestID: logged.call.requestID, was: logged.words,
                becomes: words()))
    }

    mutating func countAssumed() { totals.assumed += 1 }
    mutating func takeBackAssumed() { totals.assumed -= 1 }

    /// A call without a price adds nothing.
    mutating func spend(_ cost: Money?, row: Int) {
        guard let cost else { return }
        totals.counts.spent = totals.counts.spent + cost
        totals.rows[row].counts.spent = totals.rows[row].counts.spent + cost
    }

    mutating func spendReally(_ cost: Money?, row: Int) {
        guard let cost else { return }
        totals.counts.reallySpent = totals.counts.reallySpent + cost
        totals.rows[row].counts.reallySpent = totals.rows[row].counts.reallySpent + cost
    }

    mutating func spend(_ amount: Int64, ofBudget number: Int64) { outcomes[number]?.spent.increase(by: amount) }

    var callCount: Int64 { totals.counts.calls }

    var result: ReplayResult {
        var result = totals
        result.rows.sort { ($0.day, $0.team, $0.feature ?? "") < ($1.day, $1.team, $1.feature ?? "") }
        result.outcomes = order.compactMap { outcomes[$0] }
        return result
    }
}

extension ReplayResult.Counts {
    fileprivate mutating func add(_ verdict: Verdict) {
        calls += 1
        switch verdict.kind {
        case .admit: admitted += 1
        case .downgrade: downgraded += 1
        case .deny: denied += 1
        }
        if verdict.isClamped { clamped += 1 }
    }

    fileprivate mutating func addRefused() {
        calls += 1
        denied += 1
    }
}

extension LoggedCall {
    /// Whether a verdict is the real one: the same answer for the same reason, on the same model, with as much output.
    fileprivate func isSame(as verdict: Verdict) -> Bool {
        kind == verdict.kind && reason == verdict.reason?.code && served == verdict.model
            && maxOutputTokens == verdict.maxOutputTokens && estimate == verdict.estimate
    }

    fileprivate var words: String { Verdict.words(kind, reason, served, maxOutputTokens) }
}

extension Verdict {
    fileprivate var words: String { Self.words(kind, reason?.code, model, maxOutputTokens) }

    fileprivate static func words(
        _ kind: Kind, _ reason: Reason.Code?, _ served: ModelName?, _ maxOutputTokens: Int64?
    ) -> String {
        [kind.rawValue, reason?.rawValue, served?.model, maxOutputTokens.map { "\($0) tokens" }].compactMap(\.self)
            .joined(separator: ", ")
    }
}
