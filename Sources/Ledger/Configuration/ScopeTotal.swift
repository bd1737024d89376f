import Accounting
import Postgres

/// What all calls of a scope have used in one window, whether or not they charged a budget: the sums up to their fence,
/// and the ledger's entries behind it.
struct ScopeTotal {
    let scope: Scope
    let unit: Budget.Unit
    let prices: PriceBook
    let moves: FeatureMoves
    let span: WindowSpan
    /// Set for a rolling window, of which the total is told by when it no longer counts.
    let rolling: RollingPeriod?

    /// A part of the total: of one value if the scope has windows for each, else of `none`.
    struct Part: Hashable {
        let value: WindowValue
        var leavesAt: Timestamp?
    }

    /// - Parameter end: until when what was spent counts, of a rolling window; nil for all there is.
    init(
        _ scope: Scope, _ period: Period, unit: Budget.Unit, prices: PriceBook, moves: FeatureMoves, span: WindowSpan,
        now: Timestamp, until end: Timestamp? = nil
    ) {
        self.scope = scope
        self.unit = unit
        self.prices = prices
        self.moves = moves
        rolling = period.rolling
        // What was spent before has left the window.
        self.span =
            rolling.map { WindowSpan(start: now.adding(seconds: -$0.seconds - Self.slotSeconds), end: end) } ?? span
    }

    /// The length of the slots of `scope_sum`.
    static let slotSeconds: Int64 = 900

    /// The total in the budget's unit, by its parts. It takes no lock; it is as of the transaction's snapshot, which must
    /// be one for all its statements.
    func amounts(_ transaction: borrowing Transaction) throws -> [Part: Int64] {
        let fences = try ScopeSums.fences(transaction)
        let rows = try transaction.query(
            """
            SELECT value, \(sql: rolling == nil ? "NULL::timestamptz" : "moment") AS moment,
                LEAST(sum(amount), \(Int64.max))::bigint
            FROM (\(sql: summed) UNION ALL \(sql: behindFences(fences))) each GROUP BY 1, 2
            """)
        var amounts: [Part: Int64] = scope.hasWildcard || rolling != nil ? [:] : [Part(value: .none): 0]
        for row in rows {
            let (texts, moment, amount) = try row.decode(([String], Timestamp?, Int64).self)
            let leavesAt = moment.flatMap { rolling?.leaves(spentAt: $0) }
            amounts[Part(value: value(texts), leavesAt: leavesAt), default: 0].increase(by: amount)
        }
        return amounts
    }

    /// The total by quarters of an hour, without what is not in the sums yet.
    func bySlot(_ transaction: borrowing Transaction) throws -> [SpendingProfile.Slot] {
        try transaction.query(
            """
            SELECT moment, LEAST(sum(amount), \(Int64.max))::bigint FROM (\(sql: summed)) each GROUP BY 1
            """
        ).map { row in
            let (moment, amount) = try row.decode((Timestamp, Int64).self)
            return SpendingProfile.Slot(moment: moment, amount: amount)
        }
    }

    /// The value that `texts` name, in the order of `Scope.eachNames`. A snapshot has the windows of its model, and what a
    /// feature has spent where it was those of its new place.
    private func value(_ texts: [String]) -> WindowValue {
        var texts = texts
        if scope.each.isSuperset(of: [.team, .feature]),
            let place = moves.destination(of: FeaturePlace(team: texts[0], feature: texts[1]))
        {
            (texts[0], texts[1]) = (place.team, place.feature)
        }
        guard let place = scope.eachNames.firstIndex(of: "model"),
            let slash = texts[place].firstIndex(of: "/")
        else { return WindowValue(texts) }
        let name = ModelName(
            provider: String(texts[place][..<slash]), model: String(texts[place][texts[place].index(after: slash)...]))
        texts[place] = prices.family(of: name).description
        return WindowValue(texts)
    }

    private var summed: SQL {
        let column =
            switch unit {
            case .usd: "cost_nanodollars"
            case .tokens: "tokens"
            case .calls: "calls"
            }
        let isFine =
            scope.user != nil || scope.run != nil || !scope.tags.isEmpty || !scope.eachTag.isEmpty
            || !scope.each.isDisjoint(with: [.user, .run])
        return """
            SELECT \(sql: value) AS value, l.slot + make_interval(secs => \(Self.slotSeconds - 1)) AS moment,
                l.\(unescaped: column) AS amount
            FROM scope_sum l
            LEFT JOIN person p ON p.user_id = l.user_id
            WHERE l.is_fine = \(isFine) AND l.slot >= \(span.start)
                AND (\(span.end)::timestamptz IS NULL OR l.slot < \(span.end))
            """ + conditions
    }

    private func behindFences(_ fences: [(replicaID: Int64, entryID: Int64)]) -> SQL {
        let amount =
            switch unit {
            case .usd: "COALESCE(l.effective_cost_nanodollars, 0)::numeric"
            case .tokens: "l.input_tokens::numeric + l.output_tokens"
            case .calls: LedgerEntry.Kind.calls
            }
        return """
            SELECT \(sql: value), date_trunc('second', l.occurred_at), \(unescaped: amount)
            FROM unnest(\(fences.map(\.replicaID)), \(fences.map(\.entryID))) AS f(replica_id, entry_id)
            JOIN ledger l ON l.entry_id > f.entry_id AND l.entry_id < (f.replica_id + 1) << 40
            LEFT JOIN person p USING (user_id)
            WHERE l.occurred_at >= \(span.start)
                AND (\(span.end)::timestamptz IS NULL OR l.occurred_at < \(span.end))
            """ + conditions
    }

    /// The values of the fields with windows for each, as an array.
    private var value: SQL {
        var columns = eachColumns.map(\.column)
        columns += scope.eachTag.map { "l.tag_values[array_position(l.tag_keys, \($0))]" }
        var list: SQL = "ARRAY["
        for (place, column) in columns.enumerated() { list += (place > 0 ? ", " : "") + column }
        return list + "]::text[]"
    }

    private var eachColumns: [(field: ScopeFields, column: SQL)] {
        let columns: [(ScopeFields, SQL)] = [
            (.team, "l.team"), (.feature, "l.feature"), (.user, "p.name"), (.run, "l.run"),
            (.model, "l.provider || '/' || l.model"), (.provider, "l.provider"),
        ]
        return columns.filter { scope.each.contains($0.0) }
    }

    /// The scope's conditions on the columns that the ledger and its sums both have.
    private var conditions: SQL {
        var conditions: SQL = ""
        let models = scope.model.map { prices.models(meantBy: prices.name(of: $0, provider: scope.provider)) }
        if let place = scope.place, case let places = moves.formerPlaces(of: place), !places.isEmpty {
            let all = places + [place]
            conditions +=
                " AND (l.team, l.feature) IN (SELECT * FROM unnest(\(all.map(\.team)), \(all.map(\.feature))))"
        } else {
            if let team = scope.team { conditions += " AND l.team = \(team)" }
            if let feature = scope.feature { conditions += " AND l.feature = \(feature)" }
        }
        if let user = scope.user { conditions += " AND p.name = \(user)" }
        if let run = scope.run { conditions += " AND l.run = \(run)" }
        if let provider = scope.provider { conditions += " AND l.provider = \(provider)" }
        for (_, column) in eachColumns { conditions += " AND COALESCE(" + column + ", '') <> ''" }
        for key in scope.eachTag { conditions += " AND l.tag_keys @> ARRAY[\(key)]::text[]" }
        if let models {
            conditions +=
                " AND (l.provider, l.model) IN (SELECT * FROM unnest(\(models.map(\.provider)), \(models.map(\.model))))"
        }
        if !scope.tags.isEmpty {
            conditions += """
                 AND jsonb_object(l.tag_keys, l.tag_values)
                    @> jsonb_object(\(scope.tags.map(\.key)), \(scope.tags.map(\.value)))
                """
        }
        return conditions
    }
}
