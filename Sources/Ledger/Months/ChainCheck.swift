import Accounting
import Postgres

/// The ledger is whole, and all sums are its sums. From where the last verification ended.
enum ChainCheck: MonthCheckKind {
    static let code = "chain"

    static func finding(
        _ month: CheckedMonth, _ connection: Connection
    ) throws -> (status: MonthCheck.Status, message: String) {
        let report = try Verification.run(connection, .sinceCheckpoint)
        guard let problem = report.problems.first else { return (.pass, "The ledger is whole. \(report.extent)") }
        return (.fail, "The ledger does not hold: \(problem). purser verify says more.")
    }
}
