import Accounting
import Postgres

/// Reads the configuration, and raises its version with each change.
package enum ConfigurationStore {
    /// The `NOTIFY` channel that announces configuration changes.
    package static let channel = "purser_configuration"

    /// Creates the only row of `deployment`, the first key for encrypting hold tokens, and the months that entries may
    /// be booked into. `timeZone` has an effect only the first time.
    package static func prepare(_ connection: Connection, timeZone: Zone) throws {
        try connection.transaction { transaction in
            try transaction.execute(
                "INSERT INTO deployment (accounting_time_zone) VALUES (\(timeZone.name)) ON CONFLICT DO NOTHING")
            var generator = SystemRandomNumberGenerator()
            let key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            try transaction.execute("INSERT INTO seal_key (version, key) VALUES (1, \(key)) ON CONFLICT DO NOTHING")
        }
        let today = try accountingZone(connection).day(at: SystemClock.wallTime()).month
        // Calls may be reported up to 400 days late, so earlier months must exist. The next month must exist before it
        // begins.
        for number in (today.number - 14)...(today.number + 2) {
            try connection.execute("SELECT ensure_month(\(CalendarMonth(number: number).firstDay))")
        }
    }

    package static func accountingZone(_ connection: Connection) throws -> Zone {
        let name: String = try connection.query("SELECT accounting_time_zone FROM deployment")[0].decode(at: 0)
        guard let zone = Zone(name: name) else { throw StoreFailure.unknownTimeZone(name) }
        return zone
    }

    package static func holdTokens(_ connection: Connection) throws -> HoldTokenCipher {
        let keys = try connection.query("SELECT version, key FROM seal_key").map {
            try $0.decode((Int64, [UInt8]).self)
        }
        return HoldTokenCipher(keys: Dictionary(uniqueKeysWithValues: keys.map { (UInt8($0.0), $0.1) }))
    }

    /// The version of the price book, and the version of the whole configuration, which each price change also raises.
    package static func versions(_ connection: Connection) throws -> (prices: Int64, configuration: Int64) {
        let row = try connection.query("SELECT price_version, configuration_version FROM deployment")[0]
        let (prices, configuration) = try row.decode((Int64, Int64).self)
        return (prices, configuration)
    }

    /// Reads the whole configuration in one snapshot. Keeps the price book of `previous` if no price has changed.
    package static func load(_ connection: Connection, previous: Loaded? = nil) throws -> Loaded {
        let stored = try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            try Stored(transaction, known: previous)
        }
        return try stored.loaded(previous)
    }

    /// The whole configuration as it is stored.
    private struct Stored {
        let version: Int64
        let priceVersion: Int64
        /// Nil if the caller has the prices of this version already.
        let prices: StoredPrices?
        let agreements: [Agreement]
        let teams: Set<String>
        let budgets: [Budget]
        let ladders: [Ladder]
        let zone: Zone
        let closedMonths: Set<CalendarMonth>
        let revokedTokens: Set<Int64>

        init(_ transaction: borrowing Transaction, known: Loaded?) throws {
            let zoneName: String
            (version, priceVersion, zoneName) = try transaction.query(
                "SELECT configuration_version, price_version, accounting_time_zone FROM deployment")[0].decode(
                    (Int64, Int64, String).self)
            guard let zone = Zone(name: zoneName) else { throw StoreFailure.unknownTimeZone(zoneName) }
            self.zone = zone
            prices = known?.priceVersion == priceVersion ? nil : try StoredPrices(transaction)
            agreements = try AgreementStore.all(transaction)
            teams = Set(try transaction.query("SELECT name FROM team").map { try $0.decode(at: 0) })
            budgets = try BudgetStore.all(transaction)
            ladders = try LadderStore.all(transaction)
            closedMonths = Set(
                try transaction.query("SELECT month FROM month WHERE state = 'closed'").map {
                    try $0.decode(CalendarDay.self, at: 0).month
                })
            revokedTokens = try TokenStore.revoked(known: known?.configuration.revokedTokens, transaction)
        }

        func loaded(_ previous: Loaded?) throws -> Loaded {
            let book = try prices?.book() ?? previous?.configuration.prices ?? .empty
            let configuration = Configuration(
                version: version, teams: teams, budgets: budgets, ladders: ladders, prices: book,
                agreements: AgreementBook(agreements, prices: book), accountingZone: zone, closedMonths: closedMonths,
                revokedTokens: revokedTokens)
            return Loaded(configuration: configuration, priceVersion: priceVersion)
        }
    }

    package struct Loaded: Sendable {
        package let configuration: Configuration
        package let priceVersion: Int64
    }

    /// Raises the configuration version in this transaction and announces the change. The change is answered only after
    /// every replica has adopted it.
    static func bump(_ transaction: borrowing Transaction, prices: Bool = false) throws -> Int64 {
        let version: Int64 = try transaction.query(
            """
            UPDATE deployment SET configuration_version = configuration_version + 1,
                price_version = price_version + \(Int64(prices ? 1 : 0))
            RETURNING configuration_version
            """)[0].decode(at: 0)
        try transaction.execute("SELECT pg_notify(\(channel), '')")
        return version
    }

    /// How many replicas may still act on a configuration older than `version`: live replicas that have not reported
    /// that version. A replica without a heartbeat for the lease time is not counted, because it has fenced itself,
    /// however slow its clock.
    package static func replicasBehind(_ version: Int64, _ connection: Connection) throws -> Int64 {
        try connection.query(
            """
            SELECT count(*) FROM replica WHERE state = 'live' AND configuration_version < \(version)
                AND heartbeat_at > clock_timestamp()
                    - make_interval(secs => lease_seconds + \(ReplicaRegistry.driftSeconds))
            """)[0].decode(at: 0)
    }
}

/// Why a store refused a request, in words for the requester.
package enum StoreFailure: Error, Sendable {
    case notFound(String)
    case unknownTeam(String)
    /// The value of a field, named by its JSON pointer, contradicts what is stored.
    case invalid(pointer: String, detail: String)
    /// The version the caller knew is not the newest.
    case versionMismatch
    /// The credit was withdrawn, and its name cannot be used again.
    case creditWithdrawn(String)
    /// The credit has paid in a closed month, and that payment stands.
    case creditDrawn(String, in: CalendarMonth)
    case unknownTimeZone(String)
}

extension ConfigurationStore {
    /// One sentence on how the database's settings weaken the durability promises; nil if the promises hold.
    package static func durabilityWarning(_ connection: Connection) throws -> String? {
        let (commit, standbys, fsync) = try connection.query(
            """
            SELECT current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
                current_setting('fsync')
            """)[0].decode((String, String, String).self)
        if fsync == "off" || commit == "off" {
            return "PostgreSQL runs with fsync or synchronous_commit off: what is acknowledged may be lost in a crash."
        }
        let hasStandby = try !connection.query("SELECT 1 FROM pg_stat_replication LIMIT 1").isEmpty
        if hasStandby, standbys.isEmpty {
            return "Replication is asynchronous: after a failover acknowledged entries may be missing."
        }
        return nil
    }
}
