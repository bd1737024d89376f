import Accounting
import Postgres
import PostgresTesting
import Synchronization
import Testing

@testable import Ledger

@Suite("Migrations") struct MigratorTests {
    private static let two = [
        (name: "0001_first.sql", text: "CREATE TABLE first (x bigint); INSERT INTO first VALUES (1)"),
        (name: "0002_second.sql", text: "ALTER TABLE first ADD y text; CREATE TABLE second ()"),
    ]

    private func applied(_ migrator: Migrator, _ connection: Connection) throws -> [String] {
        var names: [String] = []
        try migrator.migrate(connection) { names.append($0) }
        return names
    }

    @Test("are applied in order and once, to an empty database and to one that has some of them")
    func once() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            let first = try Migrator(files: [Self.two[0]])
            #expect(try first.state(connection) == .behind(missing: 1))
            #expect(try applied(first, connection) == ["0001_first.sql"])
            let both = try Migrator(files: Self.two)
            #expect(try both.state(connection) == .behind(missing: 1))
            #expect(try applied(both, connection) == ["0002_second.sql"])
            #expect(try both.state(connection) == .current)
            #expect(try applied(both, connection).isEmpty)
            #expect(try connection.query("SELECT x, y FROM first").count == 1)
        }
    }

    @Test("that were changed, or that this version does not know, are refused")
    func refused() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            _ = try applied(Migrator(files: Self.two), connection)
            let changed = try Migrator(files: [(Self.two[0].name, Self.two[0].text + " "), Self.two[1]])
            #expect(throws: MigrationError.changed("0001_first.sql")) { try changed.state(connection) }
            #expect(throws: MigrationError.changed("0001_first.sql")) { try applied(changed, connection) }
            let older = try Migrator(files: [Self.two[0]])
            #expect(throws: MigrationError.unknown("0002_second.sql")) { try older.state(connection) }
            #expect(throws: MigrationError.unknown("0002_second.sql")) { try applied(older, connection) }
        }
    }

    private static let compatible = (
        name: "0003_third.sql",
        text: """
        -- compatible
        CREATE TABLE parted (x bigint, y bigint) PARTITION BY RANGE (x);
        CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (2);
        CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (2) TO (3);
        CREATE INDEX parted_y ON ONLY parted (y);
        -- step
        CREATE INDEX CONCURRENTLY IF NOT EXISTS first_x ON first (x)
        -- step for each partition of parted
        CREATE INDEX CONCURRENTLY IF NOT EXISTS {partition}_y ON {partition} (y)
        -- step for each partition of parted
        ALTER INDEX parted_y ATTACH PARTITION {partition}_y
        """
    )

    @Test("that are compatible do not stop a version that does not know them, and build indexes outside a transaction")
    func compatible() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            let older = try Migrator(files: Self.two)
            let newer = try Migrator(files: Self.two + [Self.compatible])
            #expect(try applied(older, connection).count == 2)
            #expect(try newer.state(connection) == .behind(missing: 1))
            #expect(try applied(newer, connection) == ["0003_third.sql"])
            #expect(try newer.state(connection) == .current)
            #expect(try older.state(connection) == .current)
            let indexes = try connection.query(
                "SELECT indisvalid FROM pg_index WHERE indexrelid::regclass::text IN ('first_x', 'parted_y')")
            #expect(try indexes.map { try $0.decode(Bool.self, at: 0) } == [true, true])
        }
    }

    @Test("build an index on every partition that lacks it, however far an earlier attempt came")
    func partitionIndex() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            _ = try applied(Migrator(files: Self.two), connection)
            try connection.executeScript(
                """
                CREATE TABLE parted (x bigint, y bigint) PARTITION BY LIST (x);
                CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
                CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2);
                INSERT INTO parted VALUES (1, 5), (2, 5), (2, NULL), (2, NULL)
                """)
            let text = """
                -- compatible
                CREATE UNIQUE INDEX parted_y ON ONLY parted (x, (y + 1)) INCLUDE (y) WHERE y IS NOT NULL;
                CREATE TABLE parted_3 PARTITION OF parted FOR VALUES IN (3);
                -- step for the partitions of index parted_y

                """
            let migrator = try Migrator(files: Self.two + [(name: "0003_third.sql", text: text)])
            // Two rows alike let the second partition's build fail.
            try connection.execute("INSERT INTO parted VALUES (2, 5)")
            #expect(throws: PostgresError.self) { try applied(migrator, connection) }
            #expect(try migrator.state(connection) == .behind(missing: 1))
            try connection.execute("DELETE FROM parted WHERE x = 2 AND y = 5")
            #expect(try applied(migrator, connection) == ["0003_third.sql"])
            let indexes = try connection.query(
                """
                SELECT indisvalid AND indisunique AND pg_get_indexdef(indexrelid) LIKE '%INCLUDE (y) WHERE (y IS NOT NULL)'
                FROM pg_index WHERE indrelid IN (
                    'parted'::regclass, 'parted_1'::regclass, 'parted_2'::regclass, 'parted_3'::regclass)
                """)
            #expect(try indexes.map { try $0.decode(Bool.self, at: 0) } == [true, true, true, true])
        }
    }

    @Test("whose steps were interrupted go on with them, and an index left half built is built again")
    func interrupted() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            _ = try applied(Migrator(files: Self.two), connection)
            let text = "-- compatible\n-- step\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS first_x ON first (x)"
            let migrator = try Migrator(files: Self.two + [(name: "0003_third.sql", text: text)])
            try connection.execute("INSERT INTO first VALUES (1)")
            #expect(throws: PostgresError.self) { try applied(migrator, connection) }
            #expect(try migrator.state(connection) == .behind(missing: 1))
            try connection.execute("DELETE FROM first WHERE ctid = (SELECT max(ctid) FROM first)")
            #expect(try applied(migrator, connection) == ["0003_third.sql"])
            #expect(try migrator.state(connection) == .current)
            let isValid = try connection.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'first_x'::regclass")
            #expect(try isValid[0].decode(Bool.self, at: 0))
        }
    }

    @Test("wait for a table that is locked only briefly at a time, so that those behind them go on")
    func locked() async throws {
        try await TestDatabase.with { database in
            let (reader, connection) = (try database.connect(), try database.connect())
            _ = try applied(Migrator(files: [Self.two[0]]), connection)
            try reader.executeScript("BEGIN; SELECT 1 FROM first")
            let impatient = try Migrator(files: Self.two, lockPatience: .zero)
            #expect(throws: PostgresError.self) { try applied(impatient, connection) }
            let names = Mutex<[String]>([])
            let thread = DedicatedThread(name: "migrate") {
                guard let connection = try? database.connect(), let migrator = try? Migrator(files: Self.two) else {
                    return
                }
                try? migrator.migrate(connection) { name in names.withLock { $0.append(name) } }
            }
            while try connection.query("SELECT 1 FROM pg_locks WHERE NOT granted").isEmpty {}
            try reader.executeScript("COMMIT")
            await thread.ended()
            #expect(names.withLock { $0 } == ["0002_second.sql"])
        }
    }

    @Test(
        "that have steps are compatible, and their steps are understood",
        arguments: [
            "-- step\nSELECT 1", "-- compatible\n-- step for all\nSELECT 1",
            "-- compatible\n-- step for the partitions of index i\nSELECT 1",
        ])
    func steps(text: String) {
        #expect(throws: MigrationError.self) { try Migrator(files: [("0001_a.sql", text)]) }
    }

    @Test("that fail leave nothing behind")
    func failing() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            let broken = (name: "0002_second.sql", text: "CREATE TABLE half (); SELECT 1 / 0")
            let migrator = try Migrator(files: [Self.two[0], broken])
            #expect(throws: PostgresError.self) { try applied(migrator, connection) }
            #expect(try migrator.state(connection) == .behind(missing: 1))
            #expect(try connection.query("SELECT 1 FROM pg_class WHERE relname = 'half'").isEmpty)
            #expect(try applied(Migrator(files: Self.two), connection) == ["0002_second.sql"])
        }
    }

    @Test(
        "must be numbered from 1 without a gap", arguments: [["0002_b.sql"], ["0001_a.sql", "0003_c.sql"], ["a.sql"]])
    func numbers(names: [String]) {
        #expect(throws: MigrationError.misnumbered(names.last!)) {
            try Migrator(files: names.map { ($0, "SELECT 1") })
        }
        #expect(throws: MigrationError.none) { try Migrator(files: []) }
    }

    @Test("of servers that start at once are applied by one of them")
    func atOnce() async throws {
        try await TestDatabase.with { database in
            let migrator = try Migrator(LedgerFixture.resources)
            let failures = Mutex<[String]>([])
            let threads = (0..<8).map { _ in
                DedicatedThread(name: "migrate") {
                    do {
                        let connection = try database.connect()
                        try migrator.migrate(connection) { _ in }
                        try ConfigurationStore.prepare(connection, timeZone: .utc)
                    } catch {
                        failures.withLock { $0.append("\(error)") }
                    }
                }
            }
            for thread in threads { await thread.ended() }
            #expect(failures.withLock { $0 } == [])
            let connection = try database.connect()
            #expect(try migrator.state(connection) == .current)
            #expect(try connection.query("SELECT 1 FROM seal_key").count == 1)
        }
    }

    @Test("as they ship apply, and what is prepared stays as it was the first time")
    func shipped() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            #expect(try Migrator(LedgerFixture.resources).state(connection) == .current)
            let before = try connection.query("SELECT key FROM seal_key")[0].decode([UInt8].self, at: 0)
            let fixed = try fixture.replica()
            #expect(await fixed.report(LedgerFixture.event("e", fixed)).word == "recorded")
            await fixed.drain()
            try ConfigurationStore.prepare(connection, timeZone: .init(name: "Europe/Berlin")!)
            #expect(try ConfigurationStore.accountingZone(connection).name == "UTC")
            #expect(try connection.query("SELECT key FROM seal_key")[0].decode([UInt8].self, at: 0) == before)
            #expect(try connection.query("SELECT 1 FROM month WHERE state = 'open'").count == 17)
        }
    }
}
