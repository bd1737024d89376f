import Accounting
import Postgres

/// Lists the entries of the ledger.
package enum EntryList {
    package struct Entry: Sendable {
        package let entryID: Int64
        package let recordedAt: Timestamp
        package let occurredAt: Timestamp
        package let kind: String
        /// The entry that an adjustment corrects.
        package let correctsEntryID: Int64?
        package let who: Attribution
        package let requestID: String
        package let requestedModel: String
        package let model: ModelName
        package let tier: String
        package let region: String?
        package let status: String
        package let attempt: Int64
        /// Every meter, once, and how much of it; disjoint.
        package let lines: [Quantities.Line]
        package let inputTokens: Int64
        package let outputTokens: Int64
        /// By which the provider's own total differs from ours.
        package let residualTokens: Int64
        /// Nil where unpriced.
        package let cost: Money?
        /// Nil where there is no list price.
        package let listCost: Money?
        /// What the provider says that it charged; nil where it says nothing.
        package let providerCost: Money?
        package let providerRequestID: String?
        /// What was answered beside the cost, as JSON: a list of objects.
        package let warnings: String
        /// The import that has brought the event.
        package let usageBatch: String?
    }

    package struct Page: Sendable {
        /// In the order in which they were recorded.
        package let entries: [Entry]
        /// Where the entries continue that are not on this page or an earlier one.
        package let position: LedgerPosition
        /// Whether there are such entries already.
        package let hasMore: Bool
    }

    private static let columns = """
        entry_id, recorded_at, occurred_at, kind, corrects_entry_id, team, feature, user_id, run, tag_keys, tag_values,
        request_id, requested_model, provider, model, service_tier, region, status, attempt, meters, quantities,
        input_tokens, output_tokens, residual_tokens, effective_cost_nanodollars, list_cost_nanodollars,
        provider_cost_nanodollars, provider_request_id
        """

    /// A call of several passes has a meter once for each.
    private static func lines(_ meters: [String], _ quantities: [Int64]) -> [Quantities.Line] {
        let sums = Dictionary(zip(meters, quantities)) { $0.plus($1) }
        var seen: Set<String> = []
        return meters.filter { seen.insert($0).inserted }.map { Quantities.Line(meter: Meter($0), quantity: sums[$0]!) }
    }

    static func entry(_ row: Row) throws -> Entry {
        func money(_ column: String) throws -> Money? {
            try row.decode(Int64?.self, named: column).map(Money.init(nanodollars:))
        }
        let (meters, quantities): ([String], [Int64]) = (
            try row.decode(named: "meters"), try row.decode(named: "quantities")
        )
        return Entry(
            entryID: try row.decode(named: "entry_id"), recordedAt: try row.decode(named: "recorded_at"),
            occurredAt: try row.decode(named: "occurred_at"), kind: try row.decode(named: "kind"),
            correctsEntryID: try row.decode(named: "corrects_entry_id"),
            who: try row.attribution(userColumn: "user_name"),
            requestID: try row.decode(named: "request_id"), requestedModel: try row.decode(named: "requested_model"),
            model: ModelName(provider: try row.decode(named: "provider"), model: try row.decode(named: "model")),
            tier: try row.decode(named: "service_tier"), region: try row.decode(named: "region"),
            status: try row.decode(named: "status"), attempt: try row.decode(named: "attempt"),
            lines: lines(meters, quantities),
            inputTokens: try row.decode(named: "input_tokens"), outputTokens: try row.decode(named: "output_tokens"),
            residualTokens: try row.decode(named: "residual_tokens"),
            cost: try money("effective_cost_nanodollars"), listCost: try money("list_cost_nanodollars"),
            providerCost: try money("provider_cost_nanodollars"),
            providerRequestID: try row.decode(named: "provider_request_id"),
            warnings: try row.decode(String?.self, named: "warnings") ?? "[]",
            usageBatch: try row.decode(named: "usage_batch"))
    }

    /// At most `count` entries of each replica, with ids above `after` and up to `through`: its first ones, or its last.
    ///
    /// Each replica is read along an index, whatever is asked for and however few entries it has (see `read`).
    /// Comparing rows of team and id is what makes PostgreSQL use the index of both.
    static func entries(
        of ranges: [(after: Int64, through: Int64)], _ filter: EntryFilter, isNewestFirst: Bool, count: Int64
    ) -> SQL {
        let direction = isNewestFirst ? "DESC" : "ASC"
        var wanted: SQL = "SELECT \(unescaped: columns) FROM ledger WHERE "
        if let team = filter.team {
            wanted += "(team, entry_id) > (\(team), r.after) AND (team, entry_id) <= (\(team), r.through)"
            wanted += filter.condition
            wanted += " ORDER BY team \(unescaped: direction), entry_id \(unescaped: direction)"
        } else {
            wanted += "entry_id > r.after AND entry_id <= r.through"
            wanted += filter.condition
            wanted += " ORDER BY entry_id \(unescaped: direction)"
        }
        return """
            SELECT e.*, p.name AS user_name, n.warnings::text AS warnings, n.usage_batch
            FROM unnest(\(ranges.map(\.after)), \(ranges.map(\.through))) AS r(after, through)
            CROSS JOIN LATERAL (\(sql: wanted) LIMIT \(count)) e
            LEFT JOIN person p ON p.user_id = e.user_id LEFT JOIN entry_note n ON n.entry_id = e.entry_id
            """
    }

    /// Runs `body` in one snapshot, in which each statement reads the ledger along its indexes: as far as it must, and
    /// no further. PostgreSQL's estimates of how many entries a replica or a team has may be far off, and would at times
    /// have it read and sort all of them.
    static func read<Value>(
        _ connection: Connection, _ body: (borrowing Transaction) throws -> Value
    ) throws -> Value {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            try transaction.execute(
                "SELECT set_config('enable_sort', 'off', true), set_config('enable_seqscan', 'off', true)")
            return try body(transaction)
        }
    }

    static func inOrder(_ left: Entry, _ right: Entry) -> Bool {
        (left.recordedAt, left.entryID) < (right.recordedAt, right.entryID)
    }
}
