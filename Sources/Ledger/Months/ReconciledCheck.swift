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
        let providers = try connection.query(
            """
            SELECT COALESCE(NULLIF(provider, ''), 'unknown') FROM rollup WHERE booking_month = \(month.month.firstDay)
            GROUP BY 1 HAVING sum(effective_cost_nanodollars) <> 0
            EXCEPT SELECT * FROM reconciled_providers(\(month.month.firstDay))
            EXCEPT SELECT provider FROM reconciliation_waiver WHERE month = \(month.month.firstDay)
            ORDER BY 1
            """
        ).map { try $0.decode(String.self, at: 0) }
        guard !providers.isEmpty else { return (.pass, "Every provider is reconciled or waived.") }
        return (.fail, "Neither reconciled nor waived: \(providers.joined(separator: ", ")).")
    }
}
