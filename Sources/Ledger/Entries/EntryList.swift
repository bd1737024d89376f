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

    /// The newest entries, oldest first. With `after`, only entries that follow that entry on the same replica or come
    /// from a later start of a server.
    package static func newest(
        team: String?, after: Int64?, limit: Int64, _ connection: Connection
    ) throws -> [Entry] {
        let order: SQL = after == nil ? "DESC" : "ASC"
        let rows = try connection.query(
            """
            SELECT entry_id, recorded_at, occurred_at, kind, corrects_entry_id, team, feature, request_id, requested_model, provider, model,
                service_tier, status, input_tokens, output_tokens, effective_cost_nanodollars, list_cost_nanodollars
            FROM ledger
            WHERE (\(team)::text IS NULL OR team = \(team)) AND entry_id > \(after ?? 0)
            ORDER BY entry_id
            """ + " " + order + " LIMIT \(limit)")
        let entries = try rows.map(entry)
        return after == nil ? entries.reversed() : entries
    }

    private static func entry(_ row: Row) throws -> Entry {
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
}
