import Accounting
import Postgres

/// Recomputes the cost of entries from the prices and agreements that the entries name.
struct CostCheck {
    private(set) var result = IntegrityCheck("every entry costs what its prices say")
    private var rates: StoredRates

    init(_ transaction: borrowing Transaction) throws { rates = try StoredRates(transaction) }

    mutating func refresh(_ transaction: borrowing Transaction) throws { try rates.refresh(transaction) }

    /// Checks one row of the ledger. A correction is not checked here but together with its call (`checkCorrections`).
    mutating func check(_ entry: Row, _ agreed: RecordedRating.Agreed?) throws {
        result.checked += 1
        let kind: String = try entry.decode(named: "kind")
        if kind == LedgerEntry.Kind.estimated.rawValue { return try checkEstimated(entry) }
        guard kind == LedgerEntry.Kind.usage.rawValue else { return }
        let id: Int64 = try entry.decode(named: "entry_id")
        let rating = RecordedRating(
            tier: try entry.decode(named: "service_tier"), meters: try entry.decode(named: "meters"),
            quantities: try entry.decode(named: "quantities"), priceIDs: try entry.decode(named: "price_ids"),
            agreed: agreed)
        let list: Int64? = try entry.decode(named: "list_cost_nanodollars")
        let effective: Int64? = try entry.decode(named: "effective_cost_nanodollars")
        if rates.listCost(of: rating) != list {
            note("entry \(id) says \(text(list)) by the list, its prices something else")
        }
        if rates.cost(of: rating) != effective {
            note("entry \(id) says \(text(effective)), what it was rated by something else")
        }
    }

    /// An estimated entry costs what was held for its call, or for the prompt of it.
    private mutating func checkEstimated(_ entry: Row) throws {
        let id: Int64 = try entry.decode(named: "entry_id")
        let (source, held, cost): (String, Int64?, Int64?) = (
            try entry.decode(named: "source"), try entry.decode(named: "estimate_nanodollars"),
            try entry.decode(named: "effective_cost_nanodollars")
        )
        guard let held, let cost, (0...held).contains(cost) else {
            return note("entry \(id) is not within what was held for its call")
        }
        if source == BudgetRules.Unsettled.estimate.rawValue, cost != held {
            note("entry \(id) says \(cost), what was held for its call is \(held)")
        }
    }

    /// Checks the calls that the corrections in a range of entries correct: a call and all its corrections together cost
    /// what the prices of the last one say for the quantities of the call, and nothing if it was taken back.
    mutating func checkCorrections(
        after first: Int64, to last: Int64, _ detached: DetachedMonths, _ transaction: borrowing Transaction
    ) throws {
        let corrected = try transaction.query(
            """
            SELECT DISTINCT c.corrects_entry_id, EXISTS (SELECT FROM ledger l WHERE l.entry_id = c.corrects_entry_id)
            FROM ledger c WHERE c.entry_id > \(first) AND c.entry_id <= \(last)
                AND c.corrects_entry_id IS NOT NULL
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
        try checkTakenBack(corrected.map(\.0), transaction)
    }

    private mutating func checkTakenBack(_ ids: [Int64], _ transaction: borrowing Transaction) throws {
        let rows = try transaction.query(
            """
            SELECT l.entry_id FROM ledger l CROSS JOIN LATERAL (
                SELECT sum(list_cost_nanodollars) AS list_cost, sum(effective_cost_nanodollars) AS cost,
                    sum(c.input_tokens) AS input_tokens, sum(c.output_tokens) AS output_tokens
                FROM ledger c WHERE c.corrects_entry_id = l.entry_id
            ) s
            WHERE l.entry_id = ANY(\(ids))
                AND EXISTS (SELECT FROM ledger r WHERE r.corrects_entry_id = l.entry_id AND r.kind = 'reversal')
                AND (COALESCE(l.list_cost_nanodollars, 0) + COALESCE(s.list_cost, 0),
                    COALESCE(l.effective_cost_nanodollars, 0) + COALESCE(s.cost, 0),
                    l.input_tokens + s.input_tokens, l.output_tokens + s.output_tokens) <> (0, 0, 0, 0)
            """)
        for row in rows { note("entry \(try row.decode(Int64.self, at: 0)) was taken back, but not whole") }
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
                FROM ledger WHERE corrects_entry_id = l.entry_id AND kind = 'adjustment'
            ) s
            WHERE c.kind = 'adjustment' AND c.corrects_entry_id = ANY(\(ids))
            ORDER BY c.corrects_entry_id, c.attempt DESC
            """)
        for row in page {
            let (id, tier, meters, quantities, priceIDs, agreementID, agreedIDs, isSame, list, cost) = try row.decode(
                (Int64, String, [String], [Int64], [Int64?], Int64?, [Int64?]?, Bool, Int64?, Int64?).self)
            let agreed = agreementID.map { RecordedRating.Agreed(agreementID: $0, priceIDs: agreedIDs) }
            let rating = RecordedRating(
                tier: tier, meters: meters, quantities: quantities, priceIDs: priceIDs, agreed: agreed)
            if !isSame { note("entry \(id) used something else than its corrections say") }
            let isListRight = rates.listCost(of: rating).map { $0 == list } ?? true
            if !isListRight || rates.cost(of: rating).map({ $0 != cost }) ?? true {
                note("entry \(id) with its corrections is not what the prices of the last one say")
            }
        }
    }

    private func text(_ cost: Int64?) -> String { cost.map { "\($0)" } ?? "unpriced" }

    private mutating func note(_ problem: String) { result.note(problem) }
}
