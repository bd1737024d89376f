import Accounting
import ArgumentParser

struct MonthShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the statement of a month: its checks, its sums, what has changed.",
        discussion: """
            As csv, what each cost centre has spent.

            Example: purser month show 2026-10
            """)

    @Argument(help: "The month, such as 2026-10.", transform: CalendarMonth.argument)
    var month: CalendarMonth

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("months", month.description))
        try MonthPage(answer).write(listing)
    }
}
