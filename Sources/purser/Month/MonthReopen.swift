import Accounting
import ArgumentParser
import JSON

struct MonthReopen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen", abstract: "Open the last closed month again.",
        discussion: """
            The reason stays with the month. Its next close is another version, with what has changed since the one before.

            Example: purser month reopen 2026-10 --reason "the March invoice was wrong"
            """)

    @Argument(help: "The month, such as 2026-10.", transform: CalendarMonth.argument)
    var month: CalendarMonth

    @Option(help: "Why.")
    var reason: String

    func run() async throws {
        let route = try Route("months", month.description, "reopen")
        let answer = try await PurserClient().send("POST", route, body: .object { $0.field("reason", reason) })
        try StandardOutput.write(MonthPage(answer).heading)
    }
}

struct MonthLock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Lock closed months for good.",
        discussion: """
            No month up to this one is ever reopened. The lock moves only forward, and nobody takes it back.

            Example: purser month lock 2026-10 --yes
            """)

    @Argument(help: "The last month to lock, such as 2026-10.", transform: CalendarMonth.argument)
    var month: CalendarMonth

    @Flag(help: "Lock without asking.")
    var yes = false

    func run() async throws {
        try Confirmation.require("No month up to \(month) can be reopened after this. Lock them?", unless: yes)
        let answer = try await PurserClient().send("POST", Route("months", month.description, "lock"))
        try StandardOutput.write(MonthPage(answer).heading)
    }
}
