import Accounting
import Ledger
import Logging
import Postgres

/// What a server says of itself once, when it is ready: its version, its database and the settings that it goes by.
struct StartLine: Sendable {
    private let metadata: Logger.Metadata

    init(_ settings: Server.Settings, replicaID: Int64, _ connection: Connection) throws {
        let row = try connection.query(
            """
            SELECT current_database(), current_setting('server_version'), accounting_time_zone, price_version,
                (SELECT max(number) FROM (SELECT number FROM migration UNION SELECT number FROM compatible_migration) m)
            FROM deployment
            """)[0]
        let release = try ConfigurationStore.priceRelease(connection)
        let (name, version, zone, prices, schema) = try row.decode((String, String, String, Int64, Int64).self)
        metadata = [
            "version": "\(Build.version)", "database": "\(name)", "embedded": "\(settings.databaseURL == nil)",
            "postgresql": "\(version)", "schema": "\(schema)", "time_zone": "\(zone)", "price_version": "\(prices)",
            "price_book": "\(release.map { "\($0.version) of \($0.date)" } ?? "none")",
            "replica": "\(replicaID)", "drain_seconds": "\(settings.drainSeconds)",
            "fenced_hard": "\(settings.fencedPolicy.hard)", "fenced_soft": "\(settings.fencedPolicy.soft)",
            "idle_seconds": "\(settings.connectionLimits.idleSeconds)",
            "request_seconds": "\(settings.connectionLimits.requestSeconds)",
            "max_connections": "\(settings.connectionLimits.maximumConnections)",
            "max_call_tokens": "\(settings.callLimits.quantity)", "max_call_usd": "\(settings.callLimits.cost.usd)",
            "raw_usage_days": "\(settings.rawUsageDays)", "verdict_log_days": "\(settings.verdictLogDays)",
            "alerts_allow_private": "\(settings.allowsPrivateReceivers)",
        ]
    }

    func log(_ log: Logger, _ address: String) {
        log.notice("Started", metadata: metadata.merging(["address": "\(address)"]) { $1 })
    }
}
