import Accounting
import Postgres

/// What all calls of a scope have used in one window, whether or not they charged a budget: the sums up to their fence,
/// and the ledger's entries behind it.
struct ScopeTotal {
    let scope: Scope
    let unit: Budget.Unit
    /// The models that the scope's model name means.
    let models: [ModelName]?
    let span: WindowSpan

    /// The total in the budget's unit. It takes no lock; it is as of the transaction's snapshot, which must be one for
    /// all its statements.
    func amount(_ transaction: borrowing Transaction) throws -> Int64 {
        let fences = try transaction.query(
            """
            SELECT r.replica_id, COALESCE(f.entry_id, r.replica_id << 40) FROM replica r
            LEFT JOIN scope_sum_fence f USING (replica_id)
            WHERE EXISTS (SELECT 1 FROM batch b
                WHERE b.replica_id = r.replica_id AND b.number > COALESCE(f.batch_number, 0))
            """
        ).map { try $0.decode((Int64, Int64).self) }
        let (summed, rest) = try transaction.query(
            "SELECT (" + summed + "), (" + behindFences(fences) + ")")[0].decode((Int64, Int64).self)
        let (total, isTooLarge) = summed.addingReportingOverflow(rest)
        return isTooLarge ? Int64.max : total
    }

    private var summed: SQL {
        let column =
            switch unit {
            case .usd: "cost_nanodollars"
            case .tokens: "tokens"
            case .calls: "calls"
            }
        let isFine = scope.user != nil || scope.run != nil || !scope.tags.isEmpty
        return """
            SELECT LEAST(COALESCE(sum(l.\(unescaped: column)), 0), \(Int64.max))::bigint FROM scope_sum l
            LEFT JOIN person p ON p.user_id = l.user_id
            WHERE l.is_fine = \(isFine) AND l.slot >= \(span.start)
                AND (\(span.end)::timestamptz IS NULL OR l.slot < \(span.end))
            """ + conditions
    }

    /// - Parameter fences: of each replica, the last entry that is in the sums.
    private func behindFences(_ fences: [(Int64, Int64)]) -> SQL {
        let amount =
            switch unit {
            case .usd: "COALESCE(l.effective_cost_nanodollars, 0)::numeric"
            case .tokens: "l.input_tokens::numeric + l.output_tokens"
            case .calls: "CASE WHEN l.kind = 'usage' THEN 1 ELSE 0 END"
            }
        return """
            SELECT LEAST(COALESCE(sum(\(unescaped: amount)), 0), \(Int64.max))::bigint
            FROM unnest(\(fences.map(\.0)), \(fences.map(\.1))) AS f(replica_id, entry_id)
            JOIN ledger l ON l.entry_id > f.entry_id AND l.entry_id < (f.replica_id + 1) << 40
            LEFT JOIN person p USING (user_id)
            WHERE l.occurred_at >= \(span.start)
                AND (\(span.end)::timestamptz IS NULL OR l.occurred_at < \(span.end))
            """ + conditions
    }

    /// The scope's conditions on the columns that the ledger and its sums both have.
    private var conditions: SQL {
        var conditions: SQL = ""
        if let team = scope.team { conditions += " AND l.team = \(team)" }
        if let feature = scope.feature { conditions += " AND l.feature = \(feature)" }
        if let user = scope.user { conditions += " AND p.name = \(user)" }
        if let run = scope.run { conditions += " AND l.run = \(run)" }
        if let provider = scope.provider { conditions += " AND l.provider = \(provider)" }
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
