import Accounting
import ArgumentParser
import Ledger

/// `purser migrate`: brings a database to the schema of this version and loads the price book.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring a database to the schema of this version and load the price book.",
        discussion: """
            Forward only, one transaction a migration. The accounting time zone can be set as long as nothing is in the \
            ledger and no server runs. Example: purser migrate --database-url postgresql://…
            """)

    @OptionGroup var timeZone: TimeZoneOptions
    @OptionGroup var database: DatabaseOptions

    func run() throws {
        let variables = try ServerVariables()
        let zone = try timeZone.zone(variables)
        let resources = try DatabaseOptions.resources()
        try database.chosen(variables).withConnection("migrate") { connection in
            let migrator = try Migrator(resources)
            try migrator.migrate(connection) { StandardError.writeLine("migrated \($0)") }
            try ConfigurationStore.prepare(connection, timeZone: zone)
            let change = try PriceStore.load(resources, connection)
            StandardError.writeLine("prices: \(change.added) added, \(change.unchanged) as they were")
            let stored = try ConfigurationStore.accountingZone(connection)
            StandardError.writeLine("accounting time zone: \(stored.name)")
            if let zone, zone != stored {
                throw CommandFailure(.refused, ConfigurationStore.zoneStays(stored, configured: zone))
            }
        }
    }
}
