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
        ///
        /// `value` gets the posting, because an entry as a parameter would be copied for each of its columns.
        init<Value: PostgresEncodable>(_ name: String, _ value: @escaping @Sendable (Posting) -> Value?) {
            self.init(name, booked: { value($0.posting) })
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
        Column("kind") { $0.entry.kind.rawValue },
        Column("corrects_entry_id") { $0.entry.correctsEntryID },
        Column("occurred_at") { $0.entry.occurredAt },
        Column("recorded_at") { $0.entry.recordedAt },
        Column("day", booked: { $0.day }),
        Column("source") { $0.entry.source },
        Column("request_id") { $0.entry.requestID },
        Column("attempt") { $0.entry.attempt },
        Column("team") { $0.entry.who.team },
        Column("feature") { $0.entry.who.feature },
        Column("user_id", booked: { $0.userID }),
        Column("run") { $0.entry.who.run },
        Column("tag_keys") { $0.entry.who.tags.map(\.key) },
        Column("tag_values") { $0.entry.who.tags.map(\.value) },
        Column("requested_model") { $0.entry.requestedModel },
        Column("provider") { $0.entry.model.provider },
        Column("model") { $0.entry.model.model },
        Column("service_tier") { $0.entry.tier.rawValue },
        Column("region") { $0.entry.servedRegion },
        Column("status") { $0.entry.status.rawValue },
        Column("provider_request_id") { $0.entry.providerRequestID },
        Column("provider_cost_nanodollars") { ($0.entry.providerCost ?? $0.entry.usage.providerCost)?.nanodollars },
        Column("latency_milliseconds") { $0.entry.latencyMilliseconds },
        Column("quality_millionths") { $0.entry.quality?.millionths },
        Column("meters") { $0.entry.rated.lines.map(\.meter.name) },
        Column("quantities") { $0.entry.rated.lines.map(\.quantity) },
        Column("price_ids") { $0.entry.rated.lines.map { $0.rate?.priceID } },
        Column("input_tokens") { $0.entry.usage.quantities.inputTokens },
        Column("output_tokens") { $0.entry.usage.quantities.outputTokens },
        Column("residual_tokens") { $0.entry.usage.residualTokens },
        Column("currency") { $0.entry.currency },
        Column("list_cost_nanodollars") { $0.entry.rated.listCost?.nanodollars },
        Column("effective_cost_nanodollars") { $0.entry.rated.cost?.nanodollars },
        Column("requested_cost_nanodollars") { $0.entry.requestedCost?.nanodollars },
        Column("estimate_nanodollars") { $0.entry.hold?.estimate?.nanodollars },
        Column("hold_replica_id") { $0.entry.hold?.id.replicaID },
        Column("hold_number") { $0.entry.hold?.id.number },
        Column("window_ids", booked: { $0.windowIDs }),
        Column("batch_replica_id", booked: { $0.batchReplicaID }),
        Column("batch_number", booked: { $0.batchNumber }),
    ]

    static let columnNames = columns.map(\.name)
}
