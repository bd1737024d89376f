import ArgumentParser

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Compare what a provider bills with the ledger.",
        discussion: """
            Without one of the commands below, purser reconcile PROVIDER FILE compares a file:

              purser reconcile openai costs.csv --month 2026-10
              purser reconcile csv mistral.csv --provider mistral --month 2026-10
            """,
        subcommands: [
            ReconcileFile.self, ReconcileList.self, ReconcileShow.self, ReconcileAccept.self, ReconcileWaive.self,
            ReconcileMeter.self,
        ],
        defaultSubcommand: ReconcileFile.self)
}
