import Accounting
import ArgumentParser
import Finance

extension ProviderForm: ExpressibleByArgument {}

struct ReconcileFile: AsyncParsableCommand, NamesFields {
    static let configuration = CommandConfiguration(
        commandName: "file", abstract: "Compare a provider's file with a month of the ledger.",
        discussion: """
            Differences are listed first, each with what it is: price, quantity, only_ours (not billed), only_theirs \
            (calls that went round Purser), timing, rounding, credit, tax, and what is left as unexplained. Together they \
            are the whole difference. A later file of the same month takes the place of an earlier one.

            Exit code 6 says that differences are left that nobody has accepted.

            Examples:
              purser reconcile openai costs.csv --month 2026-10
              purser reconcile csv mistral.csv --provider mistral --month 2026-10
            """)

    static let fieldNames = ["format": "<form>"]

    @Argument(help: "How the file is written: \(ProviderForm.names).")
    var form: ProviderForm

    @Argument(help: "The file; - for standard input.", completion: .file())
    var file: String

    @Option(help: ArgumentHelp("The month, such as 2026-10.", valueName: "month"), transform: CalendarMonth.argument)
    var month: CalendarMonth

    @Option(help: "Whose invoice it is, where the file is csv.", transform: Name.checked)
    var provider: String?

    @Flag(help: "In the table, what is matched too.")
    var all = false

    @OptionGroup var listing: ListingOptions

    func validate() throws {
        if form == .csv, provider == nil { throw ValidationError("A file of csv needs --provider.") }
        if form != .csv, provider != nil { throw ValidationError("--provider goes with csv.") }
    }

    static let maximumBytes = 64 << 20

    func run() async throws {
        let bytes = try InputFile(path: file).readWhole(limit: Self.maximumBytes)
        let route = try Route("reconciliations").query("provider", provider ?? form.rawValue)
            .query("month", month.description).query("format", form == .csv ? form.rawValue : nil)
        let answer = try await PurserClient().send(
            "POST", route, body: RequestBody(contentType: "application/octet-stream", bytes: bytes),
            timeoutSeconds: 300)
        try await answer.writeReconciliation(listing, showsMatched: all)
    }
}
