import Accounting
import Postgres

/// Rates recorded calls again by the price book of today, a page at a time.
///
/// A call whose cost differs gets a correction, numbered after those it has; two who correct the same call at once claim
/// the same number, and one of them counts. So a re-rating that is repeated, or ends in the middle, is never wrong.
package struct Rerating: Sendable {
    private let scope: RerateScope
    private let prices: PriceBook
    private var lastEntryID: Int64 = 0
    package private(set) var isFinished = false
    package private(set) var summary = RerateSummary()

    private static let pageRows: Int64 = 1_000

    /// Reads the price book: that of the database, which is never older than what an import has just answered.
    package init(_ scope: RerateScope, _ connection: Connection) throws {
        self.scope = scope
        prices = try connection.transaction(isolation: .repeatableRead, readOnly: true) { try PriceStore.book($0) }
    }

    /// Looks at the next calls and returns their corrections; none may be left out if the ledger is to come out right.
    package mutating func next(at now: Timestamp, _ connection: Connection) throws -> [Correction] {
        let calls = try connection.transaction(isolation: .repeatableRead, readOnly: true) {
            [scope, lastEntryID] transaction in
            try RecordedCall.page(scope, after: lastEntryID, limit: Self.pageRows, transaction)
        }
        isFinished = calls.count < Self.pageRows
        lastEntryID = calls.last?.entryID ?? lastEntryID
        var corrections: [Correction] = []
        for call in calls {
            summary.callCount += 1
            switch Correction.outcome(of: call, by: prices, at: now) {
            case .right: break
            case .unpriced: summary.addUnpriced(call)
            case .wrong(let correction):
                summary.add(correction)
                corrections.append(correction)
            }
        }
        return corrections
    }
}
