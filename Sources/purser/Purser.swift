import API
import ArgumentParser
import Glibc

@main struct Purser: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purser",
        abstract: "The budget office in front of every LLM call.",
        discussion: """
            All commands but serve, migrate and verify ask a server: PURSER_URL says where it is \
            (http://127.0.0.1:8080 unless set), PURSER_TOKEN who you are.

            Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 refused or failed, \
            2 wrong usage, 3 the server is not reachable, 6 differences are left (apply --dry-run, \
            reconcile, focus verify), or a month is not ready to close.

            \(tasks)
            """,
        version: Build.version,
        subcommands: [
            ServeCommand.self, MigrateCommand.self, VerifyCommand.self,
            StatusCommand.self, TeamCommand.self, FeatureCommand.self, TokenCommand.self, BudgetCommand.self,
            ApplyCommand.self,
            LadderCommand.self,
            PriceCommand.self,
            AgreementCommand.self, CreditCommand.self, QuoteCommand.self, ExplainCommand.self, UsageCommand.self,
            UnsettledCommand.self, DisputedCommand.self,
            ReportCommand.self, FocusCommand.self, MonthCommand.self, ReconcileCommand.self, AccountCommand.self,
            AlertCommand.self,
        ])

    private static let tasks = HelpTask.list([
        HelpTask("Begin", "purser team create search", "purser token create --role router"),
        HelpTask("Limit what a team spends", "purser budget set team/search --team search --limit 500"),
        HelpTask("See where a team stands", "purser status --team search"),
        HelpTask(
            "See where the money went", "purser report monthly --month 2026-10",
            "purser report models --team search --format csv -o models.csv"),
        HelpTask("Check an invoice", "purser reconcile openai costs.csv --month 2026-10"),
        HelpTask("Ask why a call is denied", "purser explain --team search --model claude-opus-4-5 --input 1200"),
        HelpTask(
            "Send calls to a cheaper model", "purser ladder set search claude-opus-4-5 claude-haiku-4-5",
            "purser budget set team/search --team search --limit 500 --downgrade-at 80%"),
        HelpTask(
            "Be told before it is spent", "purser alert add search --team search --webhook https://hooks.example.com"),
        HelpTask(
            "Let another team take a feature over", "purser feature move search/autocomplete discovery --reason reorg"),
        HelpTask("Complete names with Tab", "source <(purser --generate-completion-script bash)"),
    ])

    static func main() async {
        // A write to a closed pipe must fail with an error. The signal would end the whole process, which may be a
        // server.
        signal(SIGPIPE, SIG_IGN)
        do {
            try await run(Array(CommandLine.arguments.dropFirst()))
            CommandEnd.leave(0)
        } catch {
            CommandEnd(of: error).exit()
        }
    }

    private static func run(_ arguments: [String]) async throws {
        var command = try await parsed(arguments)
        do {
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            guard failure.status != nil, let options = CommandOptions(of: arguments) else { throw failure }
            throw failure.named(by: FieldNames(of: type(of: command), options))
        }
    }

    static func parsed(_ arguments: [String]) async throws -> any ParsableCommand {
        do {
            return try await asyncParseAsRoot(arguments)
        } catch {
            guard exitCode(for: error) == .validationFailure else { throw error }
            throw UnknownCommand(in: arguments)?.failure ?? UnknownOption(in: arguments)?.failure ?? error
        }
    }
}
