import Accounting
import Postgres

/// Reads the configuration, and raises its version with each change.
package enum ConfigurationStore {
    /// The `NOTIFY` channel that announces configuration changes.
    package static let channel = "purser_configuration"

    /// Creates the only row of `deployment`, the first key for encrypting hold tokens, and the months that entries may
    /// be booked into.
    ///
    /// `timeZone` becomes the accounting time zone unless another one is in use: the ledger has entries whose days are
    /// of that zone, or a server is running that would write some. Nil leaves the zone as it is, at first UTC.
    package static func prepare(_ connection: Connection, timeZone: Zone?) throws {
        try connection.transaction { transaction in
            try transaction.execute(
                """
                INSERT INTO deployment (accounting_time_zone) VALUES (\(timeZone?.name ?? Zone.utc.name))
                ON CONFLICT DO NOTHING
                """)
            if let timeZone, try setUnused(timeZone, transaction) { _ = try bump(transaction) }
            var generator = SystemRandomNumberGenerator()
            let key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            try transaction.execute("INSERT INTO seal_key (version, key) VALUES (1, \(key)) ON CONFLICT DO NOTHING")
        }
        try ensureMonths(connection)
    }

    /// Makes the months that entries may be booked into and that are not there yet. Calls may be reported up to 400 days
    /// late, and the next month must exist before it begins.
    static func ensureMonths(_ connection: Connection) throws {
        let today = try accountingZone(connection).day(at: SystemClock.wallTime()).month
        let wanted = ((today.number - 14)...(today.number + 2)).map { CalendarMonth(number: $0).firstDay }
        for row in try connection.query(
            "SELECT w FROM unnest(\(wanted)) AS w WHERE NOT EXISTS (SELECT 1 FROM month WHERE month = w)")
        {
            try connection.execute("SELECT ensure_month(\(try row.decode(CalendarDay.self, at: 0)))")
        }
    }

    package static func accountingZone(_ connection: Connection) throws -> Zone {
        let name: String = try connection.query("SELECT accounting_time_zone FROM deployment")[0].decode(at: 0)
        guard let zone = Zone(name: name) else { throw StoreFailure.unknownTimeZone(name) }
        return zone
    }

    /// Returns whether the zone was changed.
    private static func setUnused(_ zone: Zone, _ transaction: borrowing Transaction) throws -> Bool {
        try transaction.execute(
            """
            UPDATE deployment SET accounting_time_zone = \(zone.name) WHERE accounting_time_zone <> \(zone.name)
                AND NOT EXISTS (SELECT 1 FROM batch)
                AND NOT EXISTS (SELECT 1 FROM replica WHERE state = 'live' AND heartbeat_at > clock_timestamp()
                    - make_interval(secs => lease_seconds + \(ReplicaRegistry.driftSeconds)))
            """) > 0
    }

    /// Why a command refuses a zone that is configured while another one is in use.
    package static func zoneStays(_ stored: Zone, configured: Zone) -> String {
        """
        The accounting time zone is set to \(configured.name), but this ledger counts days and months in \(stored.name), \
        which stays once it has entries or a server runs. Set PURSER_TIME_ZONE to \(stored.name), or leave it unset.
        """
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

    /// Which release of the price book was loaded last; nil before the first.
    package static func priceRelease(_ connection: Connection) throws -> PriceRelease? {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { try PriceReleaseStore.newest($0) }
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

    /// The oldest configuration that a replica may still act on; that of the live replica that has reported the least
    /// version. A replica without a heartbeat for the lease time is not counted, because it has fenced itself, however
    /// slow its clock. `Int64.max` if there is none.
    package static func leastVersion(_ connection: Connection) throws -> Int64 {
        try connection.query(
            """
            SELECT COALESCE(min(configuration_version), \(Int64.max)) FROM replica
            WHERE state = 'live' AND NOT (\(sql: ReplicaRegistry.isSilent))
            """)[0].decode(at: 0)
    }
}

/// Why a store refused a request, in words for the requester.
package enum StoreFailure: Error, Sendable {
    case notFound(String)
    case unknownTeam(String)
    /// The name was a team's that is called otherwise now.
    case teamRenamed(String, now: String)
    /// The feature was moved before, and is elsewhere.
    case featureMoved(String, to: String)
    /// The value of a field, named by its JSON pointer, contradicts what is stored.
    case invalid(pointer: String, detail: String)
    /// The version the caller knew is not the newest.
    case versionMismatch
    /// The credit was withdrawn, and its name cannot be used again.
    case creditWithdrawn(String)
    /// The credit has paid in a closed month, and that payment stands.
    case creditDrawn(String, in: CalendarMonth)
    /// The month is open, so it cannot be exported, reopened or locked.
    case monthOpen(CalendarMonth)
    /// Why a closed month stays as it is, in a sentence.
    case monthLocked(String)
    case unknownTimeZone(String)
    /// The key of the request has made a token before, and that token cannot be given again.
    case tokenMade(Int64, TokenRequest.Obstacle)
    /// This version, or this host, cannot read the stored budget.
    case unreadableBudget(String, why: String)
    /// Who wanted to make or change the budget may not change budgets of this owner.
    case ownedByOther(String, Budget.Owner)
    /// A team may not give itself an allowance.
    case allowanceOfTeam(String)
    /// The request was decided before, or has expired.
    case requestDecided(Int64, BudgetRequest.State)
}

extension ConfigurationStore {
    /// Sentences on how the database's settings weaken the durability promises; none if the promises hold.
    package static func durabilityWarnings(_ connection: Connection) throws -> [String] {
        try DurabilitySettings(connection).warnings
    }
}
