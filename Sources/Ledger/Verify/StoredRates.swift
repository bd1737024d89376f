import Accounting
import Postgres

/// All prices and agreements by id, and what a recorded call costs by those that its entry names.
struct StoredRates {
    /// A row of the price book, or a rate of an agreement.
    private struct StoredRate {
        let tier: String
        let femtodollars: Int64
        let leastQuantity: Int64?
    }

    /// The newest price and agreement that are known here.
    private var newest: (priceID: Int64, agreementID: Int64) = (-1, -1)
    private var rates: [Int64: StoredRate] = [:]
    private var shares: [Int64: Fraction] = [:]

    init(_ transaction: borrowing Transaction) throws { try refresh(transaction) }

    /// Reads prices and agreements again if there are new ones. What there is never changes.
    mutating func refresh(_ transaction: borrowing Transaction) throws {
        let found = try transaction.query(
            """
            SELECT COALESCE(greatest((SELECT max(price_id) FROM price), (SELECT max(price_id) FROM agreement_rate)), 0),
                COALESCE((SELECT max(agreement_id) FROM agreement), 0)
            """)[0].decode((Int64, Int64).self)
        guard found != newest else { return }
        newest = found
        for row in try transaction.query(
            """
            SELECT price_id, service_tier, femtodollars_per_unit, least_quantity FROM price
            UNION ALL SELECT price_id, service_tier, femtodollars_per_unit, least_quantity FROM agreement_rate
            """)
        {
            let (id, tier, femtodollars, least) = try row.decode((Int64, String, Int64, Int64?).self)
            rates[id] = StoredRate(tier: tier, femtodollars: femtodollars, leastQuantity: least)
        }
        for row in try transaction.query("SELECT agreement_id, share_millionths FROM agreement") {
            let (id, share) = try row.decode((Int64, Int64?).self)
            if let share { shares[id] = Fraction(millionths: share) }
        }
    }

    func listCost(of rating: RecordedRating) -> Int64? { cost(of: rating, at: rating.priceIDs, share: .whole) }

    func cost(of rating: RecordedRating) -> Int64? {
        guard let agreed = rating.agreed else { return listCost(of: rating) }
        if let priceIDs = agreed.priceIDs { return cost(of: rating, at: priceIDs, share: .whole) }
        return shares[agreed.agreementID].flatMap { cost(of: rating, at: rating.priceIDs, share: $0) }
    }

    /// Nil if a price is missing.
    private func cost(of rating: RecordedRating, at priceIDs: [Int64?], share: Fraction) -> Int64? {
        guard priceIDs.count == rating.quantities.count else { return nil }
        var sum: Int128 = 0
        for (place, priceID) in priceIDs.enumerated() {
            guard let rate = priceID.flatMap({ rates[$0] }) else { return nil }
            let halves: Int128 = rating.tier == "batch" && rate.tier == "standard" ? 1 : 2
            // An agreed rate that says nothing of a least quantity has that of the list price.
            let least = rate.leastQuantity ?? rating.priceIDs[place].flatMap { rates[$0]?.leastQuantity }
            let missing = least.map { rating.missing(to: $0, at: place) } ?? 0
            sum += (Int128(rating.quantities[place]) + missing) * Int128(rate.femtodollars) * halves
        }
        return Rate.nanodollars(fromHalfFemtodollars: sum, share: share)
    }
}

extension RecordedRating {
    /// How much less than `least` the call used of the meter of a line. It is billed with the meter's first line.
    fileprivate func missing(to least: Int64, at place: Int) -> Int128 {
        guard meters.firstIndex(of: meters[place]) == place else { return 0 }
        let used = zip(meters, quantities).reduce(Int128(0)) { $1.0 == meters[place] ? $0 + Int128($1.1) : $0 }
        return max(0, Int128(least) - used)
    }
}
