import Accounting
import Postgres

/// A call as recorded in the ledger, with its cost after all corrections.
struct RecordedCall: Sendable {
    let entryID: Int64
    let kind: LedgerEntry.Kind
    /// Of an estimated entry, or of a settlement.
    let holdID: HoldID?
    let occurredAt: Timestamp
    let recordedAt: Timestamp
    let requestID: String
    let who: Attribution
    let userID: Int64?
    let requestedModel: String
    let model: ModelName
    /// Nil if only a later version knows the tier.
    let tier: ServiceTier?
    let region: String?
    let status: LedgerEntry.Status
    let quantities: Quantities
    /// The cost with all corrections; nil while the call is unpriced.
    let cost: Money?
    /// The list cost with all corrections; nil if not known.
    let listCost: Money?
    /// The cost on the requested model with all corrections; nil if not known.
    let requestedCost: Money?
    let correctionCount: Int64
    /// By what its cost stands: as its last correction says, otherwise as the call's own entry does.
    let ratedBy: RatedBy
    /// The windows that the call charges.
    let windows: [Window]

    struct Window: Sendable {
        let id: Int64
        let budgetNumber: Int64
        let unit: Budget.Unit
    }

    /// The rows that an entry names.
    struct RatedBy: Sendable {
        /// In the order of its meters; nil where a meter had no price.
        let priceIDs: [Int64?]
        let agreementID: Int64?
        /// Nil if the agreement is a share of the list price, or there is none.
        let agreedPriceIDs: [Int64?]?
    }

    /// Whether an entry (alias `l`) was taken back whole.
    static let isTakenBack: SQL = """
        EXISTS (SELECT FROM ledger r WHERE r.corrects_entry_id = l.entry_id AND r.kind = 'reversal')
        """

    /// The next calls in `scope` after an entry, in the order of their ids, but for those that were taken back.
    static func page(
        _ scope: RerateScope, after entryID: Int64, limit: Int64, _ transaction: borrowing Transaction
    ) throws -> [RecordedCall] {
        try read(
            "l.entry_id > \(entryID) AND " + scope.condition + " ORDER BY l.entry_id LIMIT \(limit)", transaction)
    }

    /// The calls of some entries, but for those that were taken back.
    static func of(_ entryIDs: [Int64], _ transaction: borrowing Transaction) throws -> [RecordedCall] {
        try read("l.entry_id = ANY(\(entryIDs))", transaction)
    }

    private static func read(_ condition: SQL, _ transaction: borrowing Transaction) throws -> [RecordedCall] {
        try transaction.query(
            """
            SELECT l.entry_id, l.kind, l.hold_replica_id, l.hold_number, l.user_id, l.occurred_at, l.recorded_at,
                l.request_id, l.team, l.feature, p.name, l.run, l.tag_keys, l.tag_values,
                l.requested_model, l.provider, l.model, l.service_tier, l.region, l.status, l.meters, l.quantities,
                l.effective_cost_nanodollars, l.list_cost_nanodollars, l.requested_cost_nanodollars, c.count, c.cost,
                c.list_cost, c.requested_cost,
                w.ids, w.budget_numbers, w.units, n.pass_tokens, COALESCE(f.price_ids, l.price_ids) AS rated_by_price_ids,
                a.agreement_id, a.price_ids AS agreed_price_ids
            FROM ledger l LEFT JOIN person p USING (user_id) LEFT JOIN entry_note n USING (entry_id)
            CROSS JOIN LATERAL (
                SELECT count(*), bool_or(kind = 'reversal') AS is_taken_back, sum(effective_cost_nanodollars)::bigint AS cost,
                    sum(list_cost_nanodollars)::bigint AS list_cost,
                    sum(requested_cost_nanodollars)::bigint AS requested_cost
                FROM ledger WHERE corrects_entry_id = l.entry_id
            ) c
            LEFT JOIN LATERAL (
                SELECT entry_id, booking_month, price_ids FROM ledger WHERE corrects_entry_id = l.entry_id
                ORDER BY attempt DESC LIMIT 1
            ) f ON true
            LEFT JOIN entry_agreement a ON a.entry_id = COALESCE(f.entry_id, l.entry_id)
                AND a.booking_month = COALESCE(f.booking_month, l.booking_month)
            CROSS JOIN LATERAL (
                SELECT COALESCE(array_agg(window_id), '{}') AS ids,
                    COALESCE(array_agg(budget_number), '{}') AS budget_numbers, COALESCE(array_agg(unit), '{}') AS units
                FROM budget_window JOIN budget USING (budget_number) WHERE window_id = ANY (l.window_ids)
            ) w
            WHERE NOT COALESCE(c.is_taken_back, false) AND \(sql: condition)
            """
        ).map(RecordedCall.init)
    }

    private init(_ row: Row) throws {
        entryID = try row.decode(named: "entry_id")
        kind = LedgerEntry.Kind(rawValue: try row.decode(named: "kind")) ?? .usage
        let hold: (replicaID: Int64?, number: Int64?) = (
            try row.decode(named: "hold_replica_id"), try row.decode(named: "hold_number")
        )
        holdID = hold.number.flatMap { number in hold.replicaID.map { HoldID(replicaID: $0, number: number) } }
        userID = try row.decode(named: "user_id")
        occurredAt = try row.decode(named: "occurred_at")
        recordedAt = try row.decode(named: "recorded_at")
        requestID = try row.decode(named: "request_id")
        who = try row.attribution(userColumn: "name")
        requestedModel = try row.decode(named: "requested_model")
        model = ModelName(provider: try row.decode(named: "provider"), model: try row.decode(named: "model"))
        tier = ServiceTier(rawValue: try row.decode(named: "service_tier"))
        region = try row.decode(named: "region")
        status = LedgerEntry.Status(rawValue: try row.decode(named: "status")) ?? .ok
        quantities = try row.quantities()
        correctionCount = try row.decode(named: "count")
        ratedBy = RatedBy(
            priceIDs: try row.decode(named: "rated_by_price_ids"), agreementID: try row.decode(named: "agreement_id"),
            agreedPriceIDs: try row.decode([Int64?]?.self, named: "agreed_price_ids"))
        let first: Int64? = try row.decode(named: "effective_cost_nanodollars")
        func sum(_ first: Int64?, _ corrections: String) throws -> Money? {
            let parts = [first, try row.decode(Int64?.self, named: corrections)].compactMap(\.self)
            return parts.isEmpty ? nil : Money(nanodollars: parts.reduce(0) { $0.plus($1) })
        }
        cost = try sum(first, "cost")
        listCost = try sum(try row.decode(named: "list_cost_nanodollars"), "list_cost")
        // If the call was unpriced at first, the correction that priced it carries the whole requested cost.
        let requested: Int64? = try row.decode(named: "requested_cost_nanodollars")
        requestedCost = try sum(first == nil && correctionCount > 0 ? nil : requested, "requested_cost")
        let (ids, numbers): ([Int64], [Int64]) = (
            try row.decode(named: "ids"), try row.decode(named: "budget_numbers")
        )
        let units: [String] = try row.decode(named: "units")
        windows = zip(zip(ids, numbers), units).compactMap { ids, unit in
            Budget.Unit(rawValue: unit).map { Window(id: ids.0, budgetNumber: ids.1, unit: $0) }
        }
    }
}
