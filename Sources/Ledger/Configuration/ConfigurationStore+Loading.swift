import Accounting
import Postgres

extension ConfigurationStore {
    /// A configuration as it was loaded, with what the next load needs to read only what has changed since.
    package struct Loaded: Sendable {
        package let configuration: Configuration
        let priceVersion: Int64
        /// PostgreSQL's snapshot in which it was read: which transactions it knows.
        let snapshot: String
    }

    /// A newer configuration, and the current rows of the windows whose budgets have changed.
    package struct Change: Sendable {
        package let loaded: Loaded
        package let facts: [WindowFacts]
    }

    /// Reads the whole configuration.
    package static func load(_ connection: Connection) throws -> Loaded {
        let stored = try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            try Stored(transaction, since: nil)
        }
        return try stored.loaded(after: nil)
    }

    /// Reads what has changed since `previous`, in one snapshot; nil if nothing has. Reads everything if `isWhole` is
    /// set, because the database may have another past.
    static func load(
        _ connection: Connection, previous: Loaded, isWhole: Bool, replicaID: Int64
    ) throws -> Change? {
        let read = try connection.transaction(isolation: .repeatableRead, readOnly: true) {
            transaction -> (Stored, [WindowFacts])? in
            if !isWhole {
                let version: Int64 = try transaction.query("SELECT configuration_version FROM deployment")[0]
                    .decode(at: 0)
                if version == previous.configuration.version { return nil }
            }
            let stored = try Stored(transaction, since: isWhole ? nil : previous)
            // Limits are in the rows of windows. A replica that begins anew has no windows.
            let windows = isWhole ? [] : try currentWindows(of: stored.budgets.map(\.budget.number), transaction)
            return (stored, try WindowRows.facts(windows, replicaID: replicaID, transaction))
        }
        guard let (stored, facts) = read else { return nil }
        return Change(loaded: try stored.loaded(after: isWhole ? nil : previous), facts: facts)
    }

    private static func currentWindows(
        of budgets: [Int64], _ transaction: borrowing Transaction
    ) throws -> [Int64] {
        try transaction.query(
            """
            SELECT window_id FROM budget_window WHERE budget_number = ANY(\(budgets))
                AND (ends_at IS NULL OR ends_at > clock_timestamp())
            """
        ).map { try $0.decode(at: 0) }
    }

    /// The configuration as it is stored. It is read inside a transaction and compiled after it.
    private struct Stored {
        let version: Int64
        let priceVersion: Int64
        let snapshot: String
        /// Nil if the caller has the prices of this price version already.
        let prices: StoredPrices?
        let agreements: [Agreement]
        let teams: [Team]
        /// All budgets, or those that have changed.
        let budgets: [StoredBudget]
        let ladders: [Ladder]
        let zone: Zone
        let closedMonths: Set<CalendarMonth>
        let revokedTokens: Set<Int64>
        let names: TeamNames
        let moves: FeatureMoves

        init(_ transaction: borrowing Transaction, since previous: Loaded?) throws {
            let zoneName: String
            (version, priceVersion, zoneName, snapshot) = try transaction.query(
                """
                SELECT configuration_version, price_version, accounting_time_zone, pg_current_snapshot()::text
                FROM deployment
                """)[0].decode((Int64, Int64, String, String).self)
            guard let zone = Zone.shared(zoneName) else { throw StoreFailure.unknownTimeZone(zoneName) }
            self.zone = zone
            prices = previous?.priceVersion == priceVersion ? nil : try StoredPrices(transaction)
            agreements = try AgreementStore.all(transaction)
            teams = try TeamStore.all(transaction)
            budgets = try BudgetStore.changed(since: previous?.snapshot, transaction)
            ladders = try LadderStore.all(transaction)
            closedMonths = Set(
                try transaction.query("SELECT month FROM month WHERE state = 'closed'").map {
                    try $0.decode(CalendarDay.self, at: 0).month
                })
            revokedTokens = try TokenStore.revoked(known: previous?.configuration.revokedTokens, transaction)
            names = try TeamStore.names(transaction)
            moves = try FeatureMoveStore.all(transaction)
        }

        func loaded(after previous: Loaded?) throws -> Loaded {
            let book = try prices?.book() ?? previous?.configuration.prices ?? .empty
            let changed = budgets.filter { !$0.isRemoved }.map(\.budget)
            // Verdicts find the plans of current windows made.
            let now = SystemClock.wallTime()
            for budget in changed { _ = budget.pacing?.plan(of: budget.window(containing: now)) }
            let removed = Set(budgets.filter(\.isRemoved).map(\.budget.number))
            let scopes =
                previous?.configuration.scopes.changing(
                    changed, removing: removed, prices: book, haveNewPrices: prices != nil)
                ?? ScopeIndex(changed, prices: book)
            let configuration = Configuration(
                version: version, teams: Set(teams.map(\.name)), scopes: scopes, ladders: ladders, prices: book,
                agreements: AgreementBook(agreements, prices: book), accountingZone: zone, closedMonths: closedMonths,
                revokedTokens: revokedTokens, names: names, moves: moves,
                unsettledOfTeams: teams.reduce(into: [:]) { $0[$1.name] = $1.settings.unsettled })
            return Loaded(configuration: configuration, priceVersion: priceVersion, snapshot: snapshot)
        }
    }
}
