import Accounting
import Alerts
import Curl
import Foundation
import Hummingbird
import Ledger
import Logging
import NIOCore
import Postgres
import ServiceLifecycle
import UnixSignals

/// The whole server: the database under it, the office, its upkeep and the HTTP in front.
package struct OfficeServer: Sendable {
    package struct Settings: Sendable {
        package var host: String
        package var port: Int
        /// Nil for the embedded PostgreSQL in `dataDirectory`.
        package var databaseURL: String?
        package var dataDirectory: String
        /// Accepted beside the tokens in the database; at least 32 characters.
        package var adminToken: String?
        /// Counts only the first time a database is used.
        package var accountingZone: Zone
        package var share: ShareDirectory
        /// In seconds; nil for the schedule that Standard Webhooks recommends.
        package var firstRetrySeconds: Int?

        package init(
            host: String, port: Int, databaseURL: String?, dataDirectory: String, adminToken: String?,
            accountingZone: Zone, share: ShareDirectory, firstRetrySeconds: Int?
        ) {
            self.host = host
            self.port = port
            self.databaseURL = databaseURL
            self.dataDirectory = dataDirectory
            self.adminToken = adminToken
            self.accountingZone = accountingZone
            self.share = share
            self.firstRetrySeconds = firstRetrySeconds
        }
    }

    private let settings: Settings
    private let log: Logger

    package init(_ settings: Settings, log: Logger) {
        self.settings = settings
        self.log = log
    }

    /// Serves until SIGTERM or SIGINT, then drains. `ready` is called once with the address it listens on.
    package func run(ready: @escaping @Sendable (String) -> Void) async throws {
        let cluster = settings.databaseURL == nil ? PostgresCluster(dataDirectory: settings.dataDirectory) : nil
        do {
            try await serve(cluster, ready)
        } catch {
            await Self.blocking { cluster?.stop() }
            throw error
        }
        await Self.blocking { cluster?.stop() }
    }

    private func serve(_ cluster: PostgresCluster?, _ ready: @escaping @Sendable (String) -> Void) async throws {
        let bell = AlertBell()
        let (settings, log) = (settings, log)
        let replica = try await Self.blocking { () -> Result<Replica, any Error> in
            Result {
                let database = try cluster?.start() ?? settings.databaseURL ?? ""
                if cluster != nil { try EmbeddedAddress(settings.dataDirectory).write(database) }
                try Self.prepare(database, isOwn: cluster != nil, settings, log)
                return try Replica(connectionString: database, log: log, alertsAreDue: bell.ring)
            }
        }.get()
        let alerts = AlertSender(
            database: replica.database,
            delivery: WebhookDelivery(client: HTTPClient(userAgent: "purser", maxThreads: AlertSender.deliveredAtOnce)),
            schedule: settings.firstRetrySeconds.map(RetrySchedule.init(firstDelaySeconds:)) ?? .standard, wake: bell,
            log: log)
        let office = Office(
            replica: replica, access: Access(adminToken: settings.adminToken, replica: replica),
            metrics: OfficeMetrics(), alerts: alerts, reports: try ReportCatalog(settings.share),
            openAPI: Array(try Data(contentsOf: URL(fileURLWithPath: settings.share.path + "/docs/openapi.json"))),
            log: log)
        var services: [any Service] = [Ticker(replica: replica), alerts, application(office, ready)]
        if let cluster { services.insert(ClusterGuard(cluster: cluster, log: log), at: 0) }
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
        do {
            try await group.run()
        } catch {
            await replica.drain()
            if let error = error as? IOError, error.errnoCode == EADDRINUSE {
                throw ServeFailure.addressInUse("\(settings.host):\(settings.port)")
            }
            throw error
        }
        await replica.drain()
    }

    /// Brings our own database up to date; refuses one of somebody else's that is not.
    private static func prepare(_ database: String, isOwn: Bool, _ settings: Settings, _ log: Logger) throws {
        let connection = try Connection(connectionString: database)
        let migrator = try Migrator(settings.share)
        if isOwn {
            try migrator.migrate(connection) { log.info("Migrated", metadata: ["migration": "\($0)"]) }
        } else if case .behind(let missing) = try migrator.state(connection) {
            throw ServeFailure.oldSchema(missing: missing)
        }
        try ConfigurationStore.prepare(connection, timeZone: settings.accountingZone)
        if isOwn {
            let change = try PriceStore.load(settings.share, connection)
            if change.added > 0 { log.info("Loaded prices", metadata: ["added": "\(change.added)"]) }
        }
        if settings.adminToken == nil, try !TokenStore.hasAny(connection) {
            log.warning("There is no token yet and PURSER_ADMIN_TOKEN is not set: nobody can ask this server anything.")
        }
        if let warning = try ConfigurationStore.durabilityWarning(connection) {
            log.warning("\(warning)")
        }
    }

    private func application(
        _ office: Office, _ ready: @escaping @Sendable (String) -> Void
    ) -> some ApplicationProtocol {
        let routes = OfficeRoutes()
        AuthorizeRoute(office: office).add(to: routes)
        SettleRoutes(office: office).add(to: routes)
        UsageRoutes(office: office).add(to: routes)
        QuoteRoute(office: office).add(to: routes)
        BudgetRoutes(office: office).add(to: routes)
        LadderRoutes(office: office).add(to: routes)
        AdminRoutes(office: office).add(to: routes)
        PriceRoutes(office: office).add(to: routes)
        AlertRoutes(office: office).add(to: routes)
        ReportRoutes(office: office).add(to: routes)
        OperationsRoutes(office: office).add(to: routes)
        let responder = OfficeResponder(
            routes: routes.responder, paths: routes.paths, metrics: office.metrics, log: log)
        let host = settings.host
        var quiet = log
        quiet.logLevel = .warning
        return Application(
            responder: responder,
            configuration: .init(address: .hostname(settings.host, port: settings.port), serverName: nil),
            onServerRunning: { channel in
                ready("http://\(host.contains(":") ? "[\(host)]" : host):\(channel.localAddress?.port ?? 0)")
            },
            logger: quiet)
    }

    /// Runs what blocks on a thread of its own.
    private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            _ = DedicatedThread(name: "serve") { continuation.resume(returning: body()) }
        }
    }
}

package enum ServeFailure: Error, CustomStringConvertible {
    case oldSchema(missing: Int)
    case addressInUse(String)

    package var description: String {
        switch self {
        case .oldSchema(let missing):
            "The database lacks \(missing) migration\(missing == 1 ? "" : "s"). Run: purser migrate"
        case .addressInUse(let address):
            "Something else listens on \(address) already. Choose another address with --listen HOST:PORT."
        }
    }
}
