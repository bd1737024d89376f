import Accounting
import Postgres

/// Rates recorded calls again by the prices and agreements of today, a page at a time.
///
/// A call whose cost differs gets a correction, numbered after those it has; two who correct the same call at once claim
/// the same number, and one of them counts. So a re-rating that is repeated, or ends in the middle, is never wrong.
struct Rerating: Sendable {
    private let scope: RerateScope
    private var rater: Rater
    /// Of the configuration that the rater was made of.
    private var version: Int64
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
        /// The teams of calls that keep the cost they have.
        fileprivate(set) var refused: [String] = []
    }

    /// Reads the price book: that of the database, which is never older than what an import has just answered.
    init(_ scope: RerateScope, _ connection: Connection) throws {
        self.scope = scope
        let book = try connection.transaction(isolation: .repeatableRead, readOnly: true) { try Book($0) }
        (rater, version) = (try book.rater(), book.version)
    }

    /// What calls are rated by, as it is stored.
    private struct Book {
        let version: Int64
        private let prices: StoredPrices
        private let agreements: [Agreement]

        init(_ transaction: borrowing Transaction) throws {
            version = try Self.version(transaction)
            prices = try StoredPrices(transaction)
            agreements = try AgreementStore.all(transaction)
        }

        static func version(_ transaction: borrowing Transaction) throws -> Int64 {
            try transaction.query("SELECT configuration_version FROM deployment")[0].decode(at: 0)
        }

        func rater() throws -> Rater {
            let prices = try prices.book()
            return Rater(prices: prices, agreements: AgreementBook(agreements, prices: prices))
        }
    }

    /// Looks at the next calls, by the book of this moment: one that changed meanwhile has been answered to somebody, who
    /// may have rated the same calls by it.
    mutating func next(at now: Timestamp, _ connection: Connection) throws -> Page {
        let (calls, changed) = try connection.transaction(isolation: .repeatableRead, readOnly: true) {
            [scope, lastEntryID, version] transaction in
            let calls = try RecordedCall.page(scope, after: lastEntryID, limit: Self.pageRows, transaction)
            return (calls, try Book.version(transaction) == version ? nil : try Book(transaction))
        }
        if let changed { (rater, version) = (try changed.rater(), changed.version) }
        isFinished = calls.count < Self.pageRows
        lastEntryID = calls.last?.entryID ?? lastEntryID
        var page = Page(callCount: Int64(calls.count))
        for call in calls {
            switch Correction.outcome(of: call, by: rater, at: now) {
            case .right: break
            case .unpriced: page.unpriced.append(call.who.team)
            case .refused: page.refused.append(call.who.team)
            case .wrong(let correction): page.corrections.append(correction)
            }
        }
        return page
    }
}
