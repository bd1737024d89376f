import Accounting
import Postgres

/// Recomputes the cost of entries from the prices and agreements that the entries name.
struct CostCheck {
    /// The agreement that an entry was rated under.
    struct Agreed {
        let agreementID: Int64
        /// Nil if the agreement is a share of the list price.
        let priceIDs: [Int64?]?
    }

    private(set) var result = IntegrityCheck("every entry costs what its prices say")
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

    /// Checks one row of the ledger. A correction is not checked here but together with its call (`checkCorrections`).
    mutating func check(_ entry: Row, _ agreed: Agreed?) throws {
        result.checked += 1
        let kind: String = try entry.decode(named: "kind")
        guard kind == "usage" else { return }
        let id: Int64 = try entry.decode(named: "entry_id")
        let rating = Rating(
            tier: try entry.decode(named: "service_tier"), meters: try entry.decode(named: "meters"),
            quantities: try entry.decode(named: "quantities"), priceIDs: try entry.decode(named: "price_ids"),
            agreed: agreed)
        let list: Int64? = try entry.decode(named: "list_cost_nanodollars")
        let effective: Int64? = try entry.decode(named: "effective_cost_nanodollars")
        if listCost(rating) != list { note("entry \(id) says \(text(list)) by the list, its prices something else") }
        if cost(rating) != effective {
            note("entry \(id) says \(text(effective)), what it was rated by something else")
        }
    }

    /// Checks the calls that the corrections in a range of entries correct: a call and all its corrections together cost
    /// what the prices of the last one say for the quantities of the call.
    mutating func checkCorrections(
        after first: Int64, to last: Int64, _ detached: DetachedMonths, _ transaction: borrowing Transaction
    ) throws {
        let corrected = try transaction.query(
            """
            SELECT DISTINCT c.corrects_entry_id, EXISTS (SELECT FROM ledger l WHERE l.entry_id = c.corrects_entry_id)
            FROM ledger c WHERE c.entry_id > \(first) AND c.entry_id <= \(last) AND c.kind = 'adjustment'
            """
        ).map { try $0.decode((Int64, Bool).self) }
        for (id, isThere) in corrected where !isThere {
            if detached.months.isEmpty {
                result.note("entry \(id) was corrected and is not there")
            } else {
                result.gaps = ["corrections of calls of months that are not attached: \(detached.text)"]
            }
        }
        guard !corrected.isEmpty else { return }
        try checkCorrected(corrected.map(\.0), transaction)
    }

    private mutating func checkCorrected(_ ids: [Int64], _ transaction: borrowing Transaction) throws {
        let page = try transaction.query(
            """
            SELECT DISTINCT ON (c.corrects_entry_id) c.corrects_entry_id, c.service_tier, c.meters, c.quantities,
                c.price_ids, a.agreement_id, a.price_ids,
                (c.service_tier, c.meters, c.quantities) = (l.service_tier, l.meters, l.quantities),
                COALESCE(l.list_cost_nanodollars, 0) + s.list_cost,
                COALESCE(l.effective_cost_nanodollars, 0) + s.cost
            FROM ledger c JOIN ledger l ON l.entry_id = c.corrects_entry_id
            LEFT JOIN entry_agreement a ON a.entry_id = c.entry_id AND a.booking_month = c.booking_month
            CROSS JOIN LATERAL (
                SELECT sum(list_cost_nanodollars)::bigint AS list_cost, sum(effective_cost_nanodollars)::bigint AS cost
                FROM ledger WHERE corrects_entry_id = l.entry_id
            ) s
            WHERE c.kind = 'adjustment' AND c.corrects_entry_id = ANY(\(ids))
            ORDER BY c.corrects_entry_id, c.attempt DESC
            """)
        for row in page {
            let (id, tier, meters, quantities, priceIDs, agreementID, agreedIDs, isSame, list, cost) = try row.decode(
                (Int64, String, [String], [Int64], [Int64?], Int64?, [Int64?]?, Bool, Int64?, Int64?).self)
            let agreed = agreementID.map { Agreed(agreementID: $0, priceIDs: agreedIDs) }
            let rating = Rating(
                tier: tier, meters: meters, quantities: quantities, priceIDs: priceIDs, agreed: agreed)
            if !isSame { note("entry \(id) used something else than its corrections say") }
            let isListRight = listCost(rating).map { $0 == list } ?? true
            if !isListRight || self.cost(rating) == nil || self.cost(rating) != cost {
                note("entry \(id) with its corrections is not what the prices of the last one say")
            }
        }
    }

    /// How an entry says that it was rated.
    private struct Rating {
        let tier: String
        let meters: [String]
        let quantities: [Int64]
        let priceIDs: [Int64?]
        let agreed: Agreed?
    }

    private func listCost(_ rating: Rating) -> Int64? { cost(rating, at: rating.priceIDs, share: .whole) }

    private func cost(_ rating: Rating) -> Int64? {
        guard let agreed = rating.agreed else { return listCost(rating) }
        if let priceIDs = agreed.priceIDs { return cost(rating, at: priceIDs, share: .whole) }
        return shares[agreed.agreementID].flatMap { cost(rating, at: rating.priceIDs, share: $0) }
    }

    /// Nil if a price is missing.
    private func cost(_ rating: Rating, at priceIDs: [Int64?], share: Fraction) -> Int64? {
        guard priceIDs.count == rating.quantities.count else { return nil }
        // Of each meter, where its first line stands and how much the call used.
        var used: [String: (place: Int, quantity: Int128)] = [:]
        for (place, meter) in rating.meters.enumerated() {
            used[meter, default: (place, 0)].quantity += Int128(rating.quantities[place])
        }
        var sum: Int128 = 0
        for (place, priceID) in priceIDs.enumerated() {
            guard let rate = priceID.flatMap({ rates[$0] }), let used = used[rating.meters[place]] else { return nil }
            var billed = Int128(rating.quantities[place])
            // What is missing to the least quantity is billed with the meter's first line.
            if used.place == place, let least = rate.leastQuantity ?? listLeastQuantity(rating, place) {
                billed += max(0, Int128(least) - used.quantity)
            }
            let halves: Int128 = rating.tier == "batch" && rate.tier == "standard" ? 1 : 2
            sum += billed * Int128(rate.femtodollars) * halves
        }
        return Rate.nanodollars(fromHalfFemtodollars: sum, share: share)
    }

    /// An agreed rate that says nothing of a least quantity has that of the list price.
    private func listLeastQuantity(_ rating: Rating, _ place: Int) -> Int64? {
        rating.priceIDs[place].flatMap { rates[$0]?.leastQuantity }
    }

    private func text(_ cost: Int64?) -> String { cost.map { "\($0)" } ?? "unpriced" }

    private mutating func note(_ problem: String) { result.note(problem) }
}
