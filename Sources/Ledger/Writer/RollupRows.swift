import Accounting
import Postgres

/// The key by which entries are summed.
struct RollupKey: Hashable, Comparable {
    let month: CalendarMonth
    let day: CalendarDay
    let team: String
    let feature: String?
    let model: ModelName
    let tier: ServiceTier
    let status: LedgerEntry.Status

    init(_ booked: BookedEntry) { self.init(booked.posting, day: booked.day, month: booked.bookingMonth) }

    init(_ posting: Posting, day: CalendarDay, month: CalendarMonth) {
        (self.month, self.day) = (month, day)
        (team, feature) = (posting.entry.who.team, posting.entry.who.feature)
        model = posting.entry.model
        (tier, status) = (posting.entry.tier, posting.entry.status)
    }

    /// The values of the key columns after the dates, in column order; an absent value is empty.
    var names: [String] {
        [team, feature ?? "", model.provider, model.model, tier.rawValue, status.rawValue]
    }

    /// Names the sum to people.
    var phrase: String { "\(team) for \(model.model) on \(day)" }

    static func < (left: RollupKey, right: RollupKey) -> Bool {
        if left.month != right.month { return left.month < right.month }
        if left.day != right.day { return left.day < right.day }
        return left.names.lexicographicallyPrecedes(right.names)
    }
}

/// The sums of the entries that share a key.
struct RollupSums {
    /// A column of sums, and what an entry adds to it. Adding and verifying use the same list of columns.
    struct Column: Sendable {
        let name: String
        let amount: @Sendable (Posting) -> Int64
        /// The same amount as SQL over a row of the ledger (alias `l`).
        let sql: String

        init(name: String, amount: @escaping @Sendable (Posting) -> Int64, sql: String) {
            self.name = name
            self.amount = amount
            self.sql = sql
        }

        /// Sums what calls used of some meters. A correction repeats the quantities that it prices, but uses nothing.
        init(name: String, of meters: Meter...) {
            self.init(
                name: name, amount: { posting in meters.reduce(0) { $0 + posting.entry.usage.quantities.of($1) } },
                sql: meters.map(Self.quantity).joined(separator: " + "))
        }

        /// A call of several passes has a meter once for each.
        private static func quantity(of meter: Meter) -> String {
            let place = "array_position(l.meters, '\(meter)')"
            return """
                CASE WHEN l.kind = 'adjustment' THEN 0
                    WHEN array_position(l.meters, '\(meter)', COALESCE(\(place), 0) + 1) IS NULL
                        THEN COALESCE(l.quantities[\(place)], 0)
                    ELSE (SELECT sum(q) FROM unnest(l.meters, l.quantities) AS u(m, q) WHERE m = '\(meter)') END
                """
        }
    }

    static let columns: [Column] = [
        Column(name: "entries", amount: { _ in 1 }, sql: "1"),
        Column(
            name: "calls", amount: { $0.entry.kind.calls }, sql: LedgerEntry.Kind.calls),
        Column(
            // The correction that prices an unpriced call subtracts it again.
            name: "unpriced_calls",
            amount: { posting in
                if posting.entry.kind == .adjustment {
                    return posting.entry.source == Correction.pricingSource ? -1 : 0
                }
                return posting.entry.rated.cost == nil ? posting.entry.kind.calls : 0
            },
            sql: """
                CASE WHEN l.kind = 'adjustment' AND l.source = '\(Correction.pricingSource)' THEN -1
                    WHEN l.effective_cost_nanodollars IS NULL THEN \(LedgerEntry.Kind.calls) ELSE 0 END
                """),
        Column(
            name: "downgraded_calls", amount: { $0.entry.requestedCost == nil ? 0 : $0.entry.kind.calls },
            sql: "CASE WHEN l.requested_cost_nanodollars IS NULL THEN 0 ELSE \(LedgerEntry.Kind.calls) END"),
        Column(name: "input_tokens", amount: { $0.entry.usage.quantities.inputTokens }, sql: "l.input_tokens"),
        Column(name: "cache_read_tokens", of: .cacheRead, .cacheReadAudio, .cacheReadImage),
        Column(name: "cache_write_tokens", of: .cacheWrite, .cacheWriteAudio, .cacheWrite1h, .cacheWrite12h),
        Column(name: "output_tokens", amount: { $0.entry.usage.quantities.outputTokens }, sql: "l.output_tokens"),
        Column(name: "reasoning_tokens", of: .reasoning),
        Column(
            name: "list_cost_nanodollars", amount: { $0.entry.rated.listCost?.nanodollars ?? 0 },
            sql: "COALESCE(l.list_cost_nanodollars, 0)"),
        Column(
            name: "effective_cost_nanodollars", amount: { $0.entry.rated.cost?.nanodollars ?? 0 },
            sql: "COALESCE(l.effective_cost_nanodollars, 0)"),
        Column(
            name: "saved_nanodollars",
            amount: { posting in
                guard let requested = posting.entry.requestedCost, let cost = posting.entry.rated.cost else { return 0 }
                return (requested - cost).nanodollars
            },
            sql: "COALESCE(l.requested_cost_nanodollars - l.effective_cost_nanodollars, 0)"),
    ]

    private(set) var amounts = [Int64](repeating: 0, count: columns.count)

    /// Takes the posting, because an entry as a parameter would be copied for each of its columns.
    mutating func add(_ posting: Posting) {
        for index in amounts.indices { amounts[index].increase(by: Self.columns[index].amount(posting)) }
    }
}

enum RollupRows {
    static let keyColumns = [
        "booking_month", "day", "team", "feature", "provider", "model", "service_tier", "status", "tag_1", "tag_2",
        "tag_3", "tag_4",
    ]

    /// Adds sums to their rows. `sums` is sorted by key, as in all transactions, so that all lock rows in the same
    /// order.
    static func add(_ sums: [(key: RollupKey, value: RollupSums)]) -> SQL {
        var values: SQL = "unnest(\(sums.map(\.key.month.firstDay)), \(sums.map(\.key.day))"
        let keys = sums.map(\.key.names)
        for name in 0..<6 { values += ", \(keys.map { $0[name] })" }
        let empty = sums.map { _ in "" }
        for _ in 0..<4 { values += ", \(empty)" }
        for column in RollupSums.columns.indices { values += ", \(sums.map { $0.value.amounts[column] })" }
        return "\(unescaped: insert)" + values + "\(unescaped: onConflict)"
    }

    /// Selects the sums of the keys that have a row, each after the place of its key, counted from 1.
    static func select(_ keys: [RollupKey]) -> SQL {
        "SELECT k.place, \(unescaped: names.map { "r.\($0)" }.joined(separator: ", ")) FROM " + rows(of: keys)
    }

    /// Locks the rows of keys that are sorted as in `add`, and returns how many microseconds the statement waited for
    /// other transactions.
    static func lock(_ keys: [RollupKey]) -> SQL {
        "SELECT \(sql: WindowRows.waited), count(*) FROM (SELECT 1 FROM " + rows(of: keys)
            + " ORDER BY k.place FOR NO KEY UPDATE OF r) AS locked"
    }

    private static func rows(of keys: [RollupKey]) -> SQL {
        var values: SQL = "unnest(\(keys.map(\.month.firstDay)), \(keys.map(\.day))"
        for name in 0..<6 { values += ", \(keys.map { $0.names[name] })" }
        let named = keyColumns.prefix(8)
        let matches = named.map { "r.\($0) = k.\($0)" } + keyColumns.suffix(4).map { "r.\($0) = ''" }
        return values
            + """
            ) WITH ORDINALITY AS k(\(unescaped: named.joined(separator: ", ")), place)
            JOIN rollup r ON \(unescaped: matches.joined(separator: " AND "))
            """
    }

    private static let names = RollupSums.columns.map(\.name)
    private static let insert =
        "INSERT INTO rollup (\((keyColumns + names).joined(separator: ", "))) SELECT * FROM "
    private static let onConflict = """
        )
        ON CONFLICT (\(keyColumns.joined(separator: ", ")))
        DO UPDATE SET \(names.map { "\($0) = rollup.\($0) + excluded.\($0)" }.joined(separator: ", "))
        """
}
