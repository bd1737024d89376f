import Accounting
import ArgumentParser
import Ledger

/// `purser migrate`: brings a database to the schema of this version and loads the price book.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring a database to the schema of this version and load the price book.",
        discussion: "Forward only, one transaction a migration. Example: purser migrate --database-url postgresql://…")

    @OptionGroup var database: DatabaseOptions

    func run() throws {
        let resources = try DatabaseOptions.resources()
        try database.withConnection("migrate") { connection in
            let migrator = try Migrator(resources)
            try migrator.migrate(connection) { StandardError.writeLine("migrated \($0)") }
            try ConfigurationStore.prepare(connection, timeZone: .utc)
            let change = try PriceStore.load(resources, connection)
            StandardError.writeLine("prices: \(change.added) added, \(change.unchanged) as they were")
        }
    }
}
