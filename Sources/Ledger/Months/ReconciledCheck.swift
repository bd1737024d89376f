import Accounting
import Postgres
import Wording

/// Each provider's invoice was compared with the month, or somebody has said why not. Calls that named no provider are waived
/// as those of `unknown`.
enum ReconciledCheck: MonthCheckKind {
    static let code = "reconciled"

    static func finding(
        _ month: CheckedMonth, _ connection: Connection
    ) throws -> (status: MonthCheck.Status, message: String) {
        let first = month.month.firstDay
        let rows = try connection.query(
            """
            SELECT s.provider, COALESCE(bool_or(r.is_outdated AND NOT r.is_open), false) FROM (
                SELECT COALESCE(NULLIF(provider, ''), 'unknown') AS provider FROM rollup WHERE booking_month = \(first)
                GROUP BY 1 HAVING sum(effective_cost_nanodollars) <> 0
                EXCEPT SELECT * FROM reconciled_providers(\(first))
                EXCEPT SELECT provider FROM reconciliation_waiver WHERE month = \(first)
            ) s LEFT JOIN reconciliation_standing r ON r.month = \(first) AND r.provider = s.provider
            GROUP BY 1 ORDER BY 1
            """
        ).map { try $0.decode((String, Bool).self) }
        let outdated = rows.filter(\.1).map(\.0)
        let missing = rows.filter { !$0.1 }.map(\.0)
        guard !rows.isEmpty else { return (.pass, "Every provider is reconciled or waived.") }
        var sentences: [String] = []
        if !missing.isEmpty { sentences.append("Neither reconciled nor waived: \(missing.joined(separator: ", ")).") }
        if !outdated.isEmpty {
            let names = outdated.joined(separator: ", ")
            sentences.append("The ledger has changed since the invoice was compared; compare it again: \(names).")
        }
        return (.fail, sentences.joined(separator: " "))
    }
}
