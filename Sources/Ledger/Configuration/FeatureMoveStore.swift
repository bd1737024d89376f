import Accounting
import Postgres

/// Moves of features, from one team to another or to another name.
package enum FeatureMoveStore {
    /// Everything that goes with a feature, or stays where it was.
    package struct Outcome: Sendable {
        package let from: FeaturePlace
        package let to: FeaturePlace
        /// The ids of the budgets that name the feature: they go with it, with all that they have spent.
        package let budgets: [String]
        /// How many windows of budgets for every team and feature go with it.
        package let windows: Int
        /// Nil if the feature has no ladder of its own.
        package let ladder: LadderOutcome?
        /// Nil where nothing was changed.
        package let version: Int64?
    }

    package enum LadderOutcome: String, Sendable {
        case moved
        /// The feature has a ladder at the new place already, which holds.
        case replaced
    }

    static func all(_ transaction: borrowing Transaction) throws -> FeatureMoves {
        FeatureMoves(
            try transaction.query(
                "SELECT team, feature, to_team, to_feature, moved_at FROM feature_move ORDER BY move_id"
            ).map {
                let (team, feature, toTeam, toFeature, movedAt) = try $0.decode(
                    (String, String, String, String, Timestamp).self)
                return FeatureMove(
                    from: FeaturePlace(team: team, feature: feature),
                    to: FeaturePlace(team: toTeam, feature: toFeature), movedAt: movedAt)
            })
    }

    /// The teams whose features were moved: the keys of calls have the team that their callers name.
    static func formerTeams(_ transaction: borrowing Transaction) throws -> [String] {
        try transaction.query("SELECT DISTINCT team FROM feature_move ORDER BY team").map { try $0.decode(at: 0) }
    }

    /// Moves a feature.
    ///
    /// - Parameters:
    ///   - content: renders a budget for its history.
    ///   - isDryRun: tells what would come of it, and changes nothing.
    package static func move(
        _ from: FeaturePlace, to: FeaturePlace, by author: BudgetStore.Author, isDryRun: Bool,
        content: @Sendable (Budget) -> String, _ connection: Connection
    ) throws -> Outcome {
        try connection.transaction { transaction in
            // One move at a time: a chain of them must not become a ring.
            try transaction.execute("LOCK TABLE feature_move IN SHARE ROW EXCLUSIVE MODE")
            try TeamStore.require(from.team, transaction)
            try TeamStore.require(to.team, transaction)
            let names = try TeamStore.names(transaction)
            try check(from, to, against: all(transaction)) { "\(names.name(of: $0.team))/\($0.feature)" }
            let budgets = try budgets(of: from, transaction)
            let windows = try windows(of: from, to: to, transaction)
            let ladder = try ladder(of: from, at: to, transaction)
            var version: Int64?
            if !isDryRun {
                try transaction.execute(
                    """
                    INSERT INTO feature_move (team, feature, to_team, to_feature, moved_by, reason)
                    VALUES (\(from.team), \(from.feature), \(to.team), \(to.feature), \(author.name),
                        \(author.reason ?? ""))
                    """)
                for budget in budgets { try move(budget, to: to, by: author, content, transaction) }
                try move(windows, transaction)
                if ladder == .moved {
                    try transaction.execute(
                        """
                        UPDATE ladder SET team = \(to.team), feature = \(to.feature), changed_at = now()
                        WHERE team = \(from.team) AND feature = \(from.feature)
                        """)
                }
                version = try ConfigurationStore.bump(transaction)
            }
            return Outcome(
                from: from, to: to, budgets: budgets.map(\.id), windows: windows.count, ladder: ladder,
                version: version)
        }
    }

    private static func check(
        _ from: FeaturePlace, _ to: FeaturePlace, against moves: FeatureMoves, _ called: (FeaturePlace) -> String
    ) throws {
        if from == to { throw StoreFailure.invalid(pointer: "/team", detail: "is where the feature is already") }
        if let place = moves.destination(of: from) {
            throw StoreFailure.featureMoved(called(from), to: called(place))
        }
        // What comes to a place that another feature has left would have that one's spending.
        if let place = moves.destination(of: to), place != from {
            throw StoreFailure.invalid(
                pointer: "/feature",
                detail: "is taken: calls that name \(called(to)) count at \(called(place)), which was moved from there")
        }
    }

    private static func budgets(of place: FeaturePlace, _ transaction: borrowing Transaction) throws -> [Budget] {
        try transaction.query(
            """
            SELECT \(unescaped: StoredBudget.columns) FROM budget
            WHERE team = \(place.team) AND feature = \(place.feature) AND removed_at IS NULL
            ORDER BY budget_number FOR NO KEY UPDATE
            """
        ).map(BudgetStore.budget)
    }

    private static func move(
        _ budget: Budget, to place: FeaturePlace, by author: BudgetStore.Author, _ content: (Budget) -> String,
        _ transaction: borrowing Transaction
    ) throws {
        let moved = try transaction.query(
            """
            UPDATE budget SET team = \(place.team), feature = \(place.feature), version = version + 1
            WHERE budget_number = \(budget.number) RETURNING \(unescaped: StoredBudget.columns)
            """
        ).map(BudgetStore.budget)[0]
        try BudgetStore.note(moved.number, moved.version, content(moved), by: author, transaction)
    }

    private static func ladder(
        of from: FeaturePlace, at to: FeaturePlace, _ transaction: borrowing Transaction
    ) throws -> LadderOutcome? {
        let places = try transaction.query(
            """
            SELECT team, feature FROM ladder WHERE (team, feature)
                IN ((\(from.team), \(from.feature)), (\(to.team), \(to.feature)))
            """
        ).map { FeaturePlace(team: try $0.decode(at: 0), feature: try $0.decode(at: 1)) }
        return places.contains(from) ? (places.count == 1 ? .moved : .replaced) : nil
    }
}
