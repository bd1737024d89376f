import Crypto
import Postgres

/// Migrates a database to the schema of this version. The migrations are numbered SQL files with checksums. They only
/// go forward, each in a transaction of its own.
package struct Migrator: Sendable {
    package struct Migration: Sendable {
        package let number: Int64
        package let name: String
        let text: String
        let checksum: [UInt8]
    }

    package enum State: Equatable, Sendable {
        case current
        case behind(missing: Int)
    }

    package let migrations: [Migration]

    package init(_ resources: ResourceDirectory) throws {
        try self.init(files: resources.files(in: "migrations", ending: ".sql"))
    }

    /// `files` must be sorted by name (`0001_foundation.sql`).
    package init(files: [(name: String, text: String)]) throws(MigrationError) {
        var migrations: [Migration] = []
        for (name, text) in files {
            let number = Int64(name.prefix { $0 != "_" })
            guard let number, number == Int64(migrations.count) + 1 else { throw .misnumbered(name) }
            migrations.append(
                Migration(number: number, name: name, text: text, checksum: Array(SHA256.hash(data: Array(text.utf8)))))
        }
        guard !migrations.isEmpty else { throw .none }
        self.migrations = migrations
    }

    /// Whether the database lacks migrations. Throws if it has a migration that this version does not have, or has with
    /// other content.
    package func state(_ connection: Connection) throws -> State {
        let exists: Bool = try connection.query("SELECT to_regclass('migration') IS NOT NULL")[0].decode(at: 0)
        guard exists else { return .behind(missing: migrations.count) }
        let applied = try connection.query("SELECT number, name, checksum FROM migration ORDER BY number")
        for row in applied {
            let (number, name, checksum) = try row.decode((Int64, String, [UInt8]).self)
            guard number <= Int64(migrations.count) else { throw MigrationError.unknown(name) }
            guard migrations[Int(number) - 1].checksum == checksum else { throw MigrationError.changed(name) }
        }
        return applied.count == migrations.count ? .current : .behind(missing: migrations.count - applied.count)
    }

    /// Applies the missing migrations and calls `report` with the name of each.
    package func migrate(_ connection: Connection, report: (String) -> Void) throws {
        // Without this lock, one of two servers that start on an empty database would fail, because IF NOT EXISTS does
        // not wait for the other server's transaction.
        try connection.executeScript(
            """
            SELECT pg_advisory_xact_lock(7211, 0);
            CREATE TABLE IF NOT EXISTS migration (
                number bigint PRIMARY KEY, name text NOT NULL, checksum bytea NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now())
            """)
        while case .behind(let missing) = try state(connection) {
            let migration = migrations[migrations.count - missing]
            try connection.transaction { transaction in
                // Two servers that start at once migrate one after the other.
                try transaction.execute("LOCK TABLE migration IN ACCESS EXCLUSIVE MODE")
                let next: Int64 = try transaction.query("SELECT count(*) + 1 FROM migration")[0].decode(at: 0)
                guard next == migration.number else { return }
                try transaction.executeScript(migration.text)
                try transaction.execute(
                    """
                    INSERT INTO migration (number, name, checksum)
                    VALUES (\(migration.number), \(migration.name), \(migration.checksum))
                    """)
            }
            report(migration.name)
        }
    }
}

package enum MigrationError: Error, CustomStringConvertible, Equatable {
    case none
    case misnumbered(String)
    case unknown(String)
    case changed(String)

    package var description: String {
        switch self {
        case .none: "There are no migrations."
        case .misnumbered(let name): "The migration \(name) does not follow the number before it."
        case .unknown(let name):
            "The database has the migration \(name), which this version does not know. It is newer; use its version."
        case .changed(let name): "The migration \(name) is not the one the database was made with."
        }
    }
}
