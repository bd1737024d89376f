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

/// The whole server: its database, the context that routes work with, the maintenance services and the HTTP server.
package struct Server: Sendable {
    private let settings: Settings
    private let log: Logger

    package init(_ settings: Settings, log: Logger) {
        self.settings = settings
        self.log = log
    }

    /// Serves until SIGTERM or SIGINT, then drains. Calls `ready` once, with the address that the server listens on.
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
        let signal = AlertSignal()
        let (settings, log) = (settings, log)
        let replica = try await Self.blocking { () -> Result<Replica, any Error> in
            Result {
                let database = try cluster?.start() ?? settings.databaseURL ?? ""
                if cluster != nil { try EmbeddedAddress(settings.dataDirectory).write(database) }
                try Self.prepare(database, isOwn: cluster != nil, settings, log)
                return try Replica(
                    connectionString: database, fencedPolicy: settings.fencedPolicy,
                    callLimits: settings.callLimits, rawUsageDays: settings.rawUsageDays,
                    verdictLogDays: settings.verdictLogDays, budgets: .patches(log), log: log,
                    alertsAreDue: signal.raise)
            }
        }.get()
        let alerts = AlertSender(
            database: replica.database,
            delivery: WebhookDelivery(
                client: HTTPClient(
                    userAgent: "purser", maxThreads: AlertSender.requestsAtOnce,
                    addressRule: settings.allowsPrivateReceivers ? .anyNetwork : .publicOnly)),
            schedule: settings.firstRetrySeconds.map(RetrySchedule.init(firstDelaySeconds:)) ?? .standard, wake: signal,
            log: log)
        let durability = DurabilityWatch(database: replica.database, log: log)
        await durability.look()
        let access = Access(adminToken: settings.adminToken, replica: replica)
        let server = ServerContext(
            replica: replica, access: access,
            metrics: ServerMetrics(observing: replica, signal), alerts: alerts, durability: durability,
            reports: try ReportCatalog(settings.resources), unallocatedPercent: settings.unallocatedPercent,
            billingAccount: settings.billingAccount,
            currencyRates: try settings.currencyRates.map { try CurrencyRateFile(path: $0) },
            openAPI: Array(try Data(contentsOf: URL(fileURLWithPath: settings.resources.path + "/docs/openapi.json"))),
            log: log)
        let start = try await replica.database.read { [settings] in
            try StartLine(settings, replicaID: replica.id, $0)
        }
        let shutdown = GracefulShutdown(
            replica: replica, signals: await UnixSignalsSequence(trapping: .sigterm, .sigint),
            drainSeconds: settings.drainSeconds, log: log)
        // Signals stay trapped to the end, so that a late signal does not interrupt a commit.
        defer { withExtendedLifetime(shutdown) {} }
        let replay = RunningReplay()
        // The service group ends these services in the opposite order.
        var services: [any Service] = [
            MaintenanceLoop(replica: replica, log: log), alerts, durability, LatePricing(server: server),
            TokenUseNotes(access: access, database: replica.database, log: log),
            application(server, shutdown, replay) { address in
                start.log(log, address)
                ready(address)
            }, replay, shutdown,
        ]
        if let cluster { services.insert(ClusterGuard(cluster: cluster, log: log), at: 0) }
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
                logger: quietLog))
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

    /// Prepares the database. The embedded database is migrated to the current schema and gets its prices. An external
    /// database with an old schema is refused.
    private static func prepare(_ database: String, isOwn: Bool, _ settings: Settings, _ log: Logger) throws {
        let connection = try Connection(connectionString: database, name: "start")
        let migrator = try Migrator(settings.resources)
        if isOwn {
            try migrator.migrate(connection) { log.info("Migrated", metadata: ["migration": "\($0)"]) }
        } else if case .behind(let missing) = try migrator.state(connection) {
            throw ServeFailure.oldSchema(missing: missing)
        }
        try ConfigurationStore.prepare(connection, timeZone: settings.accountingZone)
        if let zone = settings.accountingZone {
            let stored = try ConfigurationStore.accountingZone(connection)
            guard zone == stored else { throw ServeFailure.otherZone(stored, configured: zone) }
        }
        if isOwn {
            let change = try PriceStore.load(settings.resources, connection)
            if change.added > 0 { log.info("Loaded prices", metadata: ["added": "\(change.added)"]) }
        }
        if settings.adminToken == nil, try !TokenStore.hasAny(connection) {
            log.warning("There is no token yet and PURSER_ADMIN_TOKEN is not set: nobody can ask this server anything.")
        }
    }

    /// The log of the libraries, which at debug write whole objects: what is in them may be private.
    private var quietLog: Logger {
        var quiet = log
        quiet.logLevel = max(.warning, log.logLevel)
        return quiet
    }

    private func application(
        _ server: ServerContext, _ shutdown: GracefulShutdown, _ replay: RunningReplay,
        _ ready: @escaping @Sendable (String) -> Void
    ) -> some ApplicationProtocol {
        let routes = RouteTable()
        AuthorizeRoute(server: server).add(to: routes)
        SettleRoutes(server: server).add(to: routes)
        ExtendRoute(server: server).add(to: routes)
        UnsettledRoute(server: server).add(to: routes)
        DisputedRoutes(server: server).add(to: routes)
        ReconciliationRoutes(server: server).add(to: routes)
        UsageRoutes(server: server).add(to: routes)
        QuoteRoute(server: server).add(to: routes)
        BudgetRoutes(server: server).add(to: routes)
        BudgetRequestRoutes(server: server).add(to: routes)
        LadderRoutes(server: server).add(to: routes)
        TeamRoutes(server: server).add(to: routes)
        MoveRoutes(server: server).add(to: routes)
        TokenRoutes(server: server).add(to: routes)
        PriceRoutes(server: server).add(to: routes)
        AgreementRoutes(server: server).add(to: routes)
        CreditRoutes(server: server).add(to: routes)
        AlertRoutes(server: server).add(to: routes)
        ReportRoutes(server: server).add(to: routes)
        MonthRoutes(server: server).add(to: routes)
        VerificationRoute(server: server).add(to: routes)
        AccountRoutes(server: server).add(to: routes)
        StatusRoute(server: server).add(to: routes)
        ReplayRoute(server: server, running: replay).add(to: routes)
        OperationsRoutes(server: server).add(to: routes)
        let responder = ServerResponder(
            routes: routes.responder, paths: routes.paths, metrics: server.metrics, log: log)
        let hotRoutes = HotRoutes(routes.hot, server)
        let connections = OpenConnections(connectionLimits, metrics: server.metrics)
        let host = settings.host
        return Application(
            responder: responder,
            server: HTTPServerBuilder {
                ServerChannel(
                    responder: $0, hotRoutes: hotRoutes, connections: connections,
                    isDraining: { shutdown.isDraining })
            },
            configuration: .init(address: .hostname(settings.host, port: settings.port), serverName: nil),
            onServerRunning: { channel in
                ready("http://\(host.contains(":") ? "[\(host)]" : host):\(channel.localAddress?.port ?? 0)")
            },
            logger: quietLog)
    }

    /// The limits of connections, with no more of them than the system lets the process have.
    private var connectionLimits: ConnectionLimits {
        var limits = settings.connectionLimits
        let wanted = limits.maximumConnections
        limits.maximumConnections = DescriptorLimit.makeRoom(for: wanted)
        if limits.maximumConnections < wanted {
            log.warning(
                "The system allows fewer open files than connections were set; raise its limit (ulimit -n)",
                metadata: ["set": "\(wanted)", "taken": "\(limits.maximumConnections)"])
        }
        return limits
    }

    /// Runs `body`, which may block, on a thread of its own.
    private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            _ = DedicatedThread(name: "serve") { continuation.resume(returning: body()) }
        }
    }
}

package enum ServeFailure: Error, CustomStringConvertible {
    case oldSchema(missing: Int)
    case addressInUse(String)
    case otherZone(Zone, configured: Zone)

    package var description: String {
        switch self {
        case .oldSchema(let missing):
            "The database lacks \(Phrase.count(missing, "migration")). Run: purser migrate --database-url URL"
        case .otherZone(let stored, let configured): ConfigurationStore.zoneStays(stored, configured: configured)
        case .addressInUse(let address):
            "Something else listens on \(address) already. Choose another address with --listen HOST:PORT."
        }
    }
}
