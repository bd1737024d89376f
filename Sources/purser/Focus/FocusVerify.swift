import Accounting
import ArgumentParser
import Finance
import Wording

/// `purser focus verify`: what the official validator does not check.
struct FocusVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check a file of cost and usage for what the official validator misses.",
        discussion: """
            Unit price times quantity, times in UTC, numbers, flat JSON, which columns may be empty, one SKU for each \
            price, corrections, invoices. It reads FOCUS 1.2 and 1.4, whoever wrote the file, and asks no server. Run the \
            official validator too. Exit code 6 where it finds something.

            Examples:
              purser report focus --month 2026-10 -o october.csv
              purser focus verify october.csv --total 41230.118
            """)

    @Argument(help: ArgumentHelp("The CSV file; - for standard input.", valueName: "file"), completion: .file())
    var file: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What BilledCost must come to, to the last place.", valueName: "usd"),
        transform: FocusVerify.amount)
    var total: Int128?

    private static let differsCode: Int32 = 6

    private static func amount(_ text: String) throws -> Int128 {
        guard let amount = FOCUSVerification.amount(text) else {
            throw ValidationError("write an amount in USD as 41230.118")
        }
        return amount
    }

    func run() async throws {
        let input = try InputFile(path: file)
        var records = CSVRecords(ByteFeed { () throws(CommandFailure) in try input.read() })
        guard case .record(let header)? = try records.next() else {
            throw CommandFailure(.refused, "\(file) has no line with the names of its columns.")
        }
        var verification = FOCUSVerification(header: header.fields)
        while let row = try records.next() {
            switch row {
            case .record(let record): verification.check(record.fields, line: record.line)
            case .unreadable(let line, let detail): verification.noteUnreadable(line: line, detail)
            }
        }
        if let total { verification.check(total: total) }
        try print(verification)
    }

    private func print(_ verification: FOCUSVerification) throws {
        for finding in verification.findings {
            let column = finding.column.map { "\($0) " } ?? ""
            try StandardOutput.writeLine(
                PrintableText.of("line \(finding.line): \(finding.rule.rawValue): \(column)\(finding.detail)"))
        }
        let found = verification.counts.values.reduce(0, +)
        if found > verification.findings.count {
            StandardError.writeLine("The first of each rule are told, of \(found) in all.")
        }
        let rows = Phrase.count(verification.rows, "row")
        guard found == 0 else {
            StandardError.writeLine("\(rows) of FOCUS \(verification.version.rawValue) were read.")
            throw ExitCode(Self.differsCode)
        }
        try StandardOutput.writeLine("\(rows) of FOCUS \(verification.version.rawValue) hold.")
    }
}
