import ArgumentParser
import Ledger

/// `purser verify`: proves that reports, budgets and idempotency keys agree with the ledger, and that the ledger is
/// whole.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Prove the ledger: its chain, its sums, its budgets, every cost.",
        discussion: "Reads one snapshot; a server may go on working. Exit code 1 if anything does not hold.")

    @OptionGroup var database: DatabaseOptions

    func run() throws {
        let findings = try database.withConnection { try Verification.run($0) }
        for finding in findings {
            try StandardOutput.writeLine(
                "\(finding.problems.isEmpty ? "ok    " : "FAILED") \(finding.claim) (\(finding.checked) checked)")
            for problem in finding.problems { try StandardOutput.writeLine("       \(PrintableText.of(problem))") }
        }
        if findings.contains(where: { !$0.problems.isEmpty }) {
            throw CommandFailure(.refused, "The ledger does not hold.")
        }
    }
}
