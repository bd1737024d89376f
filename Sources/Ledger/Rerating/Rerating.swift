import Accounting
import Postgres

/// Re-rates recorded calls with today's prices and agreements, a page at a time.
///
/// A call whose cost differs gets a correction, numbered after its earlier corrections. Two runs that correct the same
/// call at once claim the same number, and only one of them counts. So a re-rating may be repeated, or stop midway,
/// without making the ledger wrong.
struct Rerating: Sendable {
    private let scope: RerateScope
    private let limits: CallLimits
    /// What calls are rated by; nil until there is a call to rate, since reading the whole price book takes a while.
    private var rates: Rates?
    private var lastEntryID: Int64 = 0
    private(set) var isFinished = false

    private static let pageRows: Int64 = 1_000

    /// The result of checking one page of calls.
    struct Page: Sendable {
        fileprivate(set) var callCount: Int64 = 0
        /// All of these must be booked for the ledger to come out right.
        fileprivate(set) var corrections: [Correction] = []
        /// The team of each call that the price book has no price for, and why.
        fileprivate(set) var unpriced: [(team: String, reason: RerateReason)] = []
        /// The team of each call that keeps its cost, and why.
        fileprivate(set) var refused: [(team: String, reason: RerateReason)] = []
    }

    init(_ scope: RerateScope, within limits: CallLimits) {
        self.scope = scope
        self.limits = limits
    }

    private struct Rates: Sendable {
        let rater: Rater
        let sources: RateSources
        /// The version of the configuration from which the rater was made.
        let version: Int64
    }

    /// The stored prices and agreements that calls are rated by. The database is never older than the last import that was
    /// answered.
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

        func rates() throws -> Rates {
            let prices = try prices.book()
            return Rates(
                rater: Rater(prices: prices, agreements: AgreementBook(agreements, prices: prices)),
                sources: RateSources(prices, agreements), version: version)
        }
    }

    /// Checks the next page of calls. If the configuration has changed since the last page, the new prices are read
    /// first: the change was answered already, so somebody may have rated the same calls by it.
    mutating func next(at now: Timestamp, _ connection: Connection) throws -> Page {
        let (calls, changed) = try connection.transaction(isolation: .repeatableRead, readOnly: true) {
            [scope, lastEntryID, version = rates?.version] transaction in
            let calls = try RecordedCall.page(scope, after: lastEntryID, limit: Self.pageRows, transaction)
            let isKnown = try calls.isEmpty || Book.version(transaction) == version
            return (calls, isKnown ? nil : try Book(transaction))
        }
        if let changed { rates = try changed.rates() }
        isFinished = calls.count < Self.pageRows
        lastEntryID = calls.last?.entryID ?? lastEntryID
        var page = Page(callCount: Int64(calls.count))
        guard let rates else { return page }
        for call in calls {
            switch Correction.outcome(of: call, by: rates.rater, rates.sources, within: limits, at: now) {
            case .right: break
            case .unpriced(let reason): page.unpriced.append((call.who.team, reason))
            case .refused(let reason): page.refused.append((call.who.team, reason))
            case .wrong(let correction): page.corrections.append(correction)
            }
        }
        return page
    }
}
