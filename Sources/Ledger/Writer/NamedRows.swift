import Accounting

/// The rows that jobs name by ids from a server's memory: windows, prices and agreements.
///
/// A restore from a backup may have lost them. Their ids are then never given to others (`migrations/`), so what a job
/// names is either there or lost. A batch looks for those that no batch of its replica before it has found: as long as
/// that batch is there (`BatchRead.LostPast`), so is what it found.
package struct NamedRows: Sendable {
    package var windows: Set<Int64> = []
    package var prices: Set<Int64> = []
    package var agreements: Set<Int64> = []

    package init() {}

    /// The rows that `jobs` charge and were rated by, but for those in `known`.
    package init(in jobs: [LedgerJob], besides known: NamedRows) {
        for job in jobs {
            guard let posting = job.posting else { continue }
            for charge in job.charges where charge.isCounted {
                if case .window(let id) = charge.target, !known.windows.contains(id) { windows.insert(id) }
            }
            let rated = posting.entry.rated
            for line in rated.lines + (rated.agreedLines ?? []) {
                if let id = line.rate?.priceID, !known.prices.contains(id) { prices.insert(id) }
            }
            if let id = rated.agreement?.id, !known.agreements.contains(id) { agreements.insert(id) }
        }
    }

    package var count: Int { windows.count + prices.count + agreements.count }

    mutating func formUnion(_ others: NamedRows) {
        windows.formUnion(others.windows)
        prices.formUnion(others.prices)
        agreements.formUnion(others.agreements)
    }

    func subtracting(_ others: NamedRows) -> NamedRows {
        var rest = self
        rest.windows.subtract(others.windows)
        rest.prices.subtract(others.prices)
        rest.agreements.subtract(others.agreements)
        return rest
    }

    /// Whether a call was rated by a price or under an agreement that is among these rows.
    func haveRated(_ rated: RatedCall) -> Bool {
        if prices.isEmpty && agreements.isEmpty { return false }
        if let agreement = rated.agreement, agreements.contains(agreement.id) { return true }
        return (rated.lines + (rated.agreedLines ?? [])).contains { line in
            line.rate.map { prices.contains($0.priceID) } ?? false
        }
    }
}
