import Accounting
import Postgres

/// How much of what is called has a price for each meter that it uses, and how much of what the sources of the price book
/// list.
package struct PriceCoverage: Sendable {
    /// How many days of calls are counted, including today.
    package static let days = Int64(RecentCalls.days)

    package let calls: PricedShare
    /// The providers of which not every call has a price, sorted by name. The name is empty where no provider is known.
    package let providers: [(name: String, calls: PricedShare)]
    /// Nil for a book that was made of imports alone.
    package let release: PriceRelease?

    /// Counts a team's calls, or all teams' if `team` is nil.
    package static func read(team: String?, _ connection: Connection) throws -> PriceCoverage {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            let rows = try transaction.query(
                "SELECT provider, sum(calls)::bigint, sum(unpriced_calls)::bigint FROM "
                    + RecentCalls.sums(team: team) + " GROUP BY provider ORDER BY provider"
            ).map { try $0.decode((String, Int64, Int64).self) }
            let providers = rows.map { name, calls, unpriced in
                (name: name, calls: PricedShare(all: calls, priced: calls - unpriced))
            }
            return PriceCoverage(
                calls: PricedShare(
                    all: providers.reduce(0) { $0 + $1.calls.all }, priced: providers.reduce(0) { $0 + $1.calls.priced }
                ),
                providers: providers.filter { !$0.calls.isWhole },
                release: try PriceReleaseStore.newest(transaction))
        }
    }
}
