import Accounting
import ArgumentParser

struct MonthExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write every entry of a closed month as CSV.",
        discussion: """
            These are the bytes whose SHA-256 the month's statement has: sha256sum of the file is the same. -o replaces the \
            file only once all of it is there.

            Example: purser month export 2026-10 -o october.csv
            """)

    @Argument(help: "The month, such as 2026-10.", transform: CalendarMonth.argument)
    var month: CalendarMonth

    @Option(
        name: .customShort("o"), help: ArgumentHelp("Write to this file.", valueName: "file"), completion: .file(),
        transform: OutputPath.argument)
    var file: String?

    func run() async throws {
        try await Download(route: Route("months", month.description, "export")).write(to: file)
    }
}
