import Accounting
import Postgres

/// Rates recorded calls again by the prices and agreements of today, a page at a time.
///
/// A call whose cost differs gets a correction, numbered after those it has; two who correct the same call at once claim
/// the same number, and one of them counts. So a re-rating that is repeated, or ends in the middle, is never wrong.
struct Rerating: Sendable {
    private let scope: RerateScope
    private let rater: Rater
    private var lastEntryID: Int64 = 0
    private(set) var isFinished = false

    private static let pageRows: Int64 = 1_000

    /// What a look at some calls found.
    struct Page: Sendable {
        fileprivate(set) var callCount: Int64 = 0
        /// None may be left out if the ledger is to come out right.
        fileprivate(set) var corrections: [Correction] = []
        /// The teams of calls that the book has no price for, one a call.
        fileprivate(set) var unpriced: [String] = []
        /// The teams of calls that would cost more than one call may.
        fileprivate(set) var tooDear: [String] = []
    }

    /// Reads the price book: that of the database, which is never older than what an import has just answered.
    init(_ scope: RerateScope, _ connection: Connection) throws {
        self.scope = scope
        let (stored, agreements) = try connection.transaction(isolation: .repeatableRead, readOnly: true) {
            (try StoredPrices($0), try AgreementStore.all($0))
        }
        let prices = try stored.book()
        rater = Rater(prices: prices, agreements: AgreementBook(agreements, prices: prices))
    }

    /// Looks at the next calls.
    mutating func next(at now: Timestamp, _ connection: Connection) throws -> Page {
        let calls = try connection.transaction(isolation: .repeatableRead, readOnly: true) {
            [scope, lastEntryID] transaction in
            try RecordedCall.page(scope, after: lastEntryID, limit: Self.pageRows, transaction)
        }
        isFinished = calls.count < Self.pageRows
        lastEntryID = calls.last?.entryID ?? lastEntryID
        var page = Page(callCount: Int64(calls.count))
        for call in calls {
            switch Correction.outcome(of: call, by: rater, at: now) {
            case .right: break
            case .unpriced: page.unpriced.append(call.who.team)
            case .tooDear: page.tooDear.append(call.who.team)
            case .wrong(let correction): page.corrections.append(correction)
            }
        }
        return page
    }
}
