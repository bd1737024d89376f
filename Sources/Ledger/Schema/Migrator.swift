import Glibc
import Postgres

/// Migrates a database to the schema of this version. The migrations are numbered SQL files with checksums. They only
/// go forward.
///
/// What was applied is in two tables. `migration` has what earlier versions must not run with, and they refuse a
/// database with a number they do not know there. `compatible_migration` has what they may run with.
package struct Migrator: Sendable {
    package enum State: Equatable, Sendable {
        case current
        case behind(missing: Int)
    }

    package let migrations: [Migration]
    private let lockPatience: Duration

    package init(_ resources: ResourceDirectory) throws {
        try self.init(files: resources.files(in: "migrations", ending: ".sql"))
    }

    /// - Parameters:
    ///   - files: sorted by name (`0001_foundation.sql`).
    ///   - lockPatience: how long to try for a table's lock that others hold.
    package init(
        files: [(name: String, text: String)], lockPatience: Duration = .seconds(600)
    ) throws(MigrationError) {
        var migrations: [Migration] = []
        for (name, text) in files {
            let number = Int64(name.prefix { $0 != "_" })
            guard let number, number == Int64(migrations.count) + 1 else { throw .misnumbered(name) }
            migrations.append(try Migration(number: number, name: name, text: text))
        }
        guard !migrations.isEmpty else { throw .none }
        self.migrations = migrations
        self.lockPatience = lockPatience
    }

    /// Whether the database lacks migrations. Throws if it has one with other content, or one that this version does
    /// not have and that is not compatible with it.
    package func state(_ connection: Connection) throws -> State {
        let missing = try missing(connection).count
        return missing == 0 ? .current : .behind(missing: missing)
    }

    private func missing(_ connection: Connection) throws -> [Migration] {
        var applied: Set<Int64> = []
        for isCompatible in [false, true] {
            let table = Self.table(isCompatible)
            let exists: Bool = try connection.query("SELECT to_regclass(\(table)) IS NOT NULL")[0].decode(at: 0)
            guard exists else { continue }
            let isWhole = isCompatible ? "is_whole" : "true"
            for row in try connection.query(
                "SELECT number, name, checksum, \(unescaped: isWhole) FROM \(unescaped: table) ORDER BY number")
            {
                let (number, name, checksum, isWhole) = try row.decode((Int64, String, [UInt8], Bool).self)
                guard number <= Int64(migrations.count) else {
                    if isCompatible { continue }
                    throw MigrationError.unknown(name)
                }
                guard migrations[Int(number) - 1].checksum == checksum else { throw MigrationError.changed(name) }
                if isWhole { applied.insert(number) }
            }
        }
        return migrations.filter { !applied.contains($0.number) }
    }

    private static func table(_ isCompatible: Bool) -> String { isCompatible ? "compatible_migration" : "migration" }

    /// Applies the missing migrations and calls `report` with the name of each.
    package func migrate(_ connection: Connection, report: (String) -> Void) throws {
        // Two servers that start at once migrate one after the other.
        // A statement that waits for the lock would have a snapshot, and an index that is built concurrently waits for
        // all snapshots.
        while try !connection.query("SELECT pg_try_advisory_lock(\(AdvisoryLock.migration.rawValue), 0)")[0].decode(
            Bool.self, at: 0)
        {
            usleep(50_000)
        }
        defer { _ = try? connection.execute("SELECT pg_advisory_unlock(\(AdvisoryLock.migration.rawValue), 0)") }
        try connection.executeScript(
            """
            CREATE TABLE IF NOT EXISTS migration (
                number bigint PRIMARY KEY, name text NOT NULL, checksum bytea NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now());
            CREATE TABLE IF NOT EXISTS compatible_migration (
                number bigint PRIMARY KEY, name text NOT NULL, checksum bytea NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now(),
                -- Whether the steps that follow its transaction are done.
                is_whole boolean NOT NULL DEFAULT false)
            """)
        for migration in try missing(connection) {
            try apply(migration, connection)
            report(migration.name)
        }
    }

    private func apply(_ migration: Migration, _ connection: Connection) throws {
        let table = Self.table(migration.isCompatible)
        let begun = try connection.query(
            "SELECT 1 FROM \(unescaped: table) WHERE number = \(migration.number)")
        if begun.isEmpty {
            try withPatience {
                try connection.transaction { transaction in
                    // Whoever asks for a lock makes all others wait behind it. So ask briefly, and again later.
                    try transaction.execute("SELECT set_config('lock_timeout', '200ms', true)")
                    try transaction.executeScript(migration.transaction)
                    try transaction.execute(
                        """
                        INSERT INTO \(unescaped: table) (number, name, checksum)
                        VALUES (\(migration.number), \(migration.name), \(migration.checksum))
                        """)
                }
            }
        }
        guard migration.isCompatible else { return }
        for step in migration.steps { try run(step, connection) }
        try connection.execute(
            "UPDATE compatible_migration SET is_whole = true WHERE number = \(migration.number)")
    }

    /// An index that was being built when an earlier attempt ended is there but not valid. It is built again.
    private func run(_ step: Migration.Step, _ connection: Connection) throws {
        for row in try connection.query(
            """
            SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relnamespace = current_schema()::regnamespace
            """)
        {
            try connection.executeScript("DROP INDEX CONCURRENTLY \(try row.decode(String.self, at: 0))")
        }
        switch step {
        case .once(let statement): try connection.executeScript(statement)
        case .eachPartition(let table, let statement):
            for row in try connection.query(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = \(table)::regclass ORDER BY 1")
            {
                let partition = try row.decode(String.self, at: 0)
                try connection.executeScript(statement.replacing("{partition}", with: partition))
            }
        case .build(let index): try index.build(connection)
        }
    }

    /// Repeats `body` while another session holds a lock that it needs.
    private func withPatience(_ body: () throws -> Void) throws {
        let deadline = ContinuousClock.now + lockPatience
        while true {
            do {
                return try body()
            } catch let error as PostgresError where error.sqlState == SQLState.lockNotAvailable {
                guard ContinuousClock.now < deadline else { throw error }
                usleep(500_000)
            }
        }
    }
}
