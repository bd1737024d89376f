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
        package let team: String
        package let feature: String?
        package let requestID: String
        package let requestedModel: String
        package let model: ModelName
        package let tier: String
        package let status: String
        package let inputTokens: Int64
        package let outputTokens: Int64
        /// Nil where unpriced.
        package let cost: Money?
        /// Nil where there is no list price.
        package let listCost: Money?
    }

    package struct Page: Sendable {
        /// In the order in which they were recorded.
        package let entries: [Entry]
        /// Where the entries continue that are not on this page or an earlier one.
        package let position: LedgerPosition
        /// Whether there are such entries already.
        package let hasMore: Bool
    }

    static let columns = """
        entry_id, recorded_at, occurred_at, kind, corrects_entry_id, team, feature, request_id, requested_model,
        provider, model, service_tier, status, input_tokens, output_tokens, effective_cost_nanodollars,
        list_cost_nanodollars
        """

    static func entry(_ row: Row) throws -> Entry {
        let (
            id, recordedAt, occurredAt, kind, corrects, team, feature, requestID, requestedModel, provider, model, tier,
            status, input, output, cost, list
        ) = try row.decode(
            (
                Int64, Timestamp, Timestamp, String, Int64?, String, String?, String, String, String, String, String,
                String, Int64, Int64, Int64?, Int64?
            ).self)
        return Entry(
            entryID: id, recordedAt: recordedAt, occurredAt: occurredAt, kind: kind, correctsEntryID: corrects,
            team: team, feature: feature, requestID: requestID, requestedModel: requestedModel,
            model: ModelName(provider: provider, model: model),
            tier: tier, status: status, inputTokens: input, outputTokens: output,
            cost: cost.map(Money.init(nanodollars:)), listCost: list.map(Money.init(nanodollars:)))
    }

    /// At most `count` entries of each replica, with ids above `after` and up to `through`: its first ones, or its last.
    ///
    /// Each replica is read along an index, whatever team is asked for and however few entries it has (see `read`).
    /// Comparing rows of team and id is what makes PostgreSQL use the index of both.
    static func entries(
        of ranges: [(after: Int64, through: Int64)], team: String?, isNewestFirst: Bool, count: Int64
    ) -> SQL {
        let direction = isNewestFirst ? "DESC" : "ASC"
        var wanted: SQL = "SELECT \(unescaped: columns) FROM ledger WHERE "
        if let team {
            wanted += "(team, entry_id) > (\(team), r.after) AND (team, entry_id) <= (\(team), r.through)"
            wanted += " ORDER BY team \(unescaped: direction), entry_id \(unescaped: direction)"
        } else {
            wanted += "entry_id > r.after AND entry_id <= r.through ORDER BY entry_id \(unescaped: direction)"
        }
        return """
            SELECT e.* FROM unnest(\(ranges.map(\.after)), \(ranges.map(\.through))) AS r(after, through)
            CROSS JOIN LATERAL (\(sql: wanted) LIMIT \(count)) e
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
