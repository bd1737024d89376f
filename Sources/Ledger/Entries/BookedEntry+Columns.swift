import Accounting
import Postgres

extension BookedEntry {
    /// A column of the ledger, and how an entry fills it. Writing, hashing and verifying all use the same list of
    /// columns.
    struct Column: Sendable {
        let name: String
        let type: PostgresType
        let append: @Sendable (BookedEntry, inout BinaryRow) -> Void

        /// The value comes from the entry.
        init<Value: PostgresEncodable>(_ name: String, _ value: @escaping @Sendable (LedgerEntry) -> Value?) {
            self.init(name, booked: { value($0.posting.entry) })
        }

        /// The value comes from the writer.
        init<Value: PostgresEncodable>(_ name: String, booked value: @escaping @Sendable (BookedEntry) -> Value?) {
            self.name = name
            type = Value.postgresType
            append = { $1.append(value($0)) }
        }
    }

    static let columns: [Column] = [
        Column("entry_id", booked: { $0.entryID }),
        Column("booking_month", booked: { $0.bookingMonth.firstDay }),
        Column("kind") { $0.kind.rawValue },
        Column("corrects_entry_id") { $0.correctsEntryID },
        Column("occurred_at") { $0.occurredAt },
        Column("recorded_at") { $0.recordedAt },
        Column("day", booked: { $0.day }),
        Column("source") { $0.source },
        Column("request_id") { $0.requestID },
        Column("attempt") { $0.attempt },
        Column("team") { $0.who.team },
        Column("feature") { $0.who.feature },
        Column("user_id", booked: { $0.userID }),
        Column("run") { $0.who.run },
        Column("tag_keys") { $0.who.tags.map(\.key) },
        Column("tag_values") { $0.who.tags.map(\.value) },
        Column("requested_model") { $0.requestedModel },
        Column("provider") { $0.model.provider },
        Column("model") { $0.model.model },
        Column("service_tier") { $0.tier.rawValue },
        Column("region") { $0.servedRegion },
        Column("status") { $0.status.rawValue },
        Column("provider_request_id") { $0.providerRequestID },
        Column("provider_cost_nanodollars") { ($0.providerCost ?? $0.usage.providerCost)?.nanodollars },
        Column("latency_milliseconds") { $0.latencyMilliseconds },
        Column("quality_millionths") { $0.quality?.millionths },
        Column("meters") { $0.rated.lines.map(\.meter.name) },
        Column("quantities") { $0.rated.lines.map(\.quantity) },
        Column("price_ids") { $0.rated.lines.map { $0.rate?.priceID } },
        Column("input_tokens") { $0.usage.quantities.inputTokens },
        Column("output_tokens") { $0.usage.quantities.outputTokens },
        Column("residual_tokens") { $0.usage.residualTokens },
        Column("currency") { $0.currency },
        Column("list_cost_nanodollars") { $0.rated.listCost?.nanodollars },
        Column("effective_cost_nanodollars") { $0.rated.cost?.nanodollars },
        Column("requested_cost_nanodollars") { $0.requestedCost?.nanodollars },
        Column("estimate_nanodollars") { $0.hold?.estimate?.nanodollars },
        Column("hold_replica_id") { $0.hold?.id.replicaID },
        Column("hold_number") { $0.hold?.id.number },
        Column("window_ids", booked: { $0.windowIDs }),
        Column("batch_replica_id", booked: { $0.batchReplicaID }),
        Column("batch_number", booked: { $0.batchNumber }),
    ]

    static let columnNames = columns.map(\.name)
}
