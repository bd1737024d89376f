import Accounting
import Alerts
import Curl
import Foundation
import Hummingbird
import HummingbirdCore
import Ledger
import Logging
import NIOCore
import Postgres
import ServiceLifecycle
import UnixSignals
import Wording

/// The whole server: the database under it, the office, its upkeep and the HTTP in front.
package struct OfficeServer: Sendable {
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
                return try Replica(
                    connectionString: database, whenFenced: settings.whenFenced, log: log, alertsAreDue: bell.ring)
            }
        }.get()
        let alerts = AlertSender(
            database: replica.database,
            delivery: WebhookDelivery(client: HTTPClient(userAgent: "purser", maxThreads: AlertSender.deliveredAtOnce)),
            schedule: settings.firstRetrySeconds.map(RetrySchedule.init(firstDelaySeconds:)) ?? .standard, wake: bell,
            log: log)
        let durability = DurabilityWatch(database: replica.database, log: log)
        await durability.look()
        let office = Office(
            replica: replica, access: Access(adminToken: settings.adminToken, replica: replica),
            metrics: OfficeMetrics(observing: replica, bell), alerts: alerts, durability: durability,
            reports: try ReportCatalog(settings.share),
            openAPI: Array(try Data(contentsOf: URL(fileURLWithPath: settings.share.path + "/docs/openapi.json"))),
            log: log)
        let departure = Departure(
            replica: replica, signals: await UnixSignalsSequence(trapping: .sigterm, .sigint),
            drainSeconds: settings.drainSeconds, log: log)
        // Signals stay trapped to the end, so that a late one does not cut short what is being committed.
        defer { withExtendedLifetime(departure) {} }
        // They end in the opposite order.
        var services: [any Service] = [
            Ticker(replica: replica), alerts, durability, LatePricing(office: office),
            application(office, departure, ready), departure,
        ]
        if let cluster { services.insert(ClusterGuard(cluster: cluster, log: log), at: 0) }
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
                logger: log))
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
    }

    private func application(
        _ office: Office, _ departure: Departure, _ ready: @escaping @Sendable (String) -> Void
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
        AgreementRoutes(office: office).add(to: routes)
        CreditRoutes(office: office).add(to: routes)
        AlertRoutes(office: office).add(to: routes)
        ReportRoutes(office: office).add(to: routes)
        OperationsRoutes(office: office).add(to: routes)
        let responder = OfficeResponder(
            routes: routes.responder, paths: routes.paths, metrics: office.metrics, log: log)
        let hotRoutes = HotRoutes(routes.hot, office)
        let host = settings.host
        var quiet = log
        quiet.logLevel = .warning
        return Application(
            responder: responder,
            server: HTTPServerBuilder {
                OfficeChannel(responder: $0, hotRoutes: hotRoutes, isDraining: { departure.isDraining })
            },
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
            "The database lacks \(Phrase.count(missing, "migration")). Run: purser migrate --database-url URL"
        case .addressInUse(let address):
            "Something else listens on \(address) already. Choose another address with --listen HOST:PORT."
        }
    }
}
