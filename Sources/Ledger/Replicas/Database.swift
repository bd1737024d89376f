import Postgres

/// Database access for everything outside the path of a verdict. Each kind of work has connections of its own, so that
/// a slow report delays no token and no change.
package struct Database: Sendable {
    private let lookups: Pool
    private let changes: Pool
    private let reports: Pool

    init(connectionString: String) {
        lookups = Pool(
            connectionString: connectionString, connectionCount: 1, name: "lookups", limits: .lookups,
            busyWait: .seconds(3), queueLimit: 1_024)
        changes = Pool(
            connectionString: connectionString, connectionCount: 2, name: "changes", limits: .changes,
            busyWait: .seconds(10), queueLimit: 1_024)
        reports = Pool(
            connectionString: connectionString, connectionCount: 3, name: "reports", limits: .reports,
            busyWait: .seconds(5), queueLimit: 256, endsWithCaller: true)
    }

    /// Runs `body`, which changes what is stored, with a connection on a thread that may block; see `Pool.run`.
    package func run<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        try await changes.run(body)
    }

    /// Runs `body`, which reads a few rows by their keys within milliseconds, while a request waits for it.
    package func lookUp<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try await lookups.run(body)
    }

    /// Runs `body`, which reads a list or a report. Its statement is cancelled on the server when this task is, or when
    /// it takes too long.
    package func read<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        try await reports.run(body)
    }

    /// One pool for each kind of work.
    package var pools: [Pool] { [lookups, changes, reports] }

    func close() async {
        for pool in pools { await pool.close() }
    }
}

extension SessionLimits {
    static let lookups = {
        var limits = SessionLimits()
        limits.statement = .seconds(2)
        limits.lock = .seconds(1)
        return limits
    }()

    /// The limit of an answer bounds a single statement of a change, such as the import of a price book.
    static let changes = {
        var limits = SessionLimits()
        (limits.lock, limits.answer, limits.idleInTransaction) = (.seconds(10), .seconds(60), .seconds(60))
        return limits
    }()

    static let reports = {
        var limits = SessionLimits()
        (limits.statement, limits.lock, limits.answer) = (.seconds(60), .seconds(30), .seconds(65))
        limits.idleInTransaction = .seconds(60)
        return limits
    }()
}
