import ArgumentParser
import Ledger

/// `purser verify`: proves that reports, budgets and idempotency keys agree with the ledger, and that the ledger is
/// whole.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Prove the ledger: its chain, its sums, its budgets, every cost.",
        discussion: """
            Servers may go on working: the ledger is read in ranges, each in a short snapshot. Where everything holds, \
            it keeps how far it has come. Exit code 1 if anything does not hold.

            What is in months whose partitions were detached is told as not checked.
            """)

    @Flag(help: "Read only what was recorded since the last verification that found everything right.")
    var sinceCheckpoint = false

    @OptionGroup var database: DatabaseOptions

    func run() throws {
        let report = try database.chosen(ServerVariables()).withConnection("verify") {
            try Verification.run($0, sinceCheckpoint ? .sinceCheckpoint : .everything)
        }
        for check in report.checks {
            try StandardOutput.writeLine(
                "\(check.problems.isEmpty ? "ok    " : "FAILED") \(check.claim) (\(check.checked) checked)")
            for problem in check.problems { try StandardOutput.writeLine("       \(PrintableText.of(problem))") }
            for gap in check.gaps { try StandardOutput.writeLine("       not checked: \(PrintableText.of(gap))") }
        }
        try StandardOutput.writeLine(report.extent)
        if !report.holds {
            throw CommandFailure(.refused, "The ledger does not hold.")
        }
    }
}
