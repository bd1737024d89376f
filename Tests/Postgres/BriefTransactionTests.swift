import Postgres
import PostgresTesting
import Testing

@Suite("A brief transaction") struct BriefTransactionTests {
    private struct Refusal: Error {}

    private func withTable(_ body: (TestDatabase, Connection) throws -> Void) async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.executeScript("CREATE TABLE t (x int8 PRIMARY KEY CHECK (x > 0)); INSERT INTO t VALUES (1)")
            try body(database, connection)
        }
    }

    private func numbers(_ connection: Connection) throws -> [Int64] {
        try connection.query("SELECT x FROM t ORDER BY x").map { try $0.decode(at: 0) }
    }

    @Test("hands on what its first statements say, and is committed with its last") func success() async throws {
        try await withTable { database, connection in
            for round in Int64(2)...3 {
                let sum: Int64 = try connection.briefTransaction(
                    first: ["SELECT max(x) FROM t", "SELECT 7"]
                ) { transaction, rows in
                    #expect(rows.count == 2)
                    let largest: Int64 = try rows[0][0].decode(at: 0)
                    #expect(largest == round - 1)
                    try transaction.execute("INSERT INTO t VALUES (\(round))")
                    return LastStatements(["SELECT sum(x)::int8 FROM t"]) { try $0[0][0].decode(at: 0) }
                }
                #expect(sum == (1...round).reduce(0, +))
                #expect(!connection.isInTransaction)
            }
            let found = try numbers(database.connect())
            #expect(found == [1, 2, 3])
        }
    }

    @Test(
        "is undone by an error, wherever it comes from, and the connection can be used again",
        arguments: ["first", "body", "last", "unsendable"])
    func failure(place: String) async throws {
        try await withTable { _, connection in
            #expect(throws: (any Error).self) {
                try connection.briefTransaction(
                    first: ["INSERT INTO t VALUES (2)", place == "first" ? "SELECT 1 / 0" : "SELECT 1"]
                ) { transaction, _ in
                    try transaction.execute("INSERT INTO t VALUES (3)")
                    if place == "body" { throw Refusal() }
                    let end: SQL = place == "unsendable" ? "SELECT \(unescaped: "2\0")" : "SELECT 2"
                    return LastStatements(["INSERT INTO t VALUES (\(place == "last" ? Int64(0) : 4))", end]) { _ in }
                }
            }
            let found = try numbers(connection)
            #expect(found == [1])
        }
    }

    @Test("sends each of its last statements while the next is made")
    func overlap() async throws {
        try await withTable { database, connection in
            let other = try database.connect()
            let deadline = ContinuousClock.now + .seconds(10)
            try connection.briefTransaction(first: []) { _, _ in
                // More than libpq buffers, less than a socket takes.
                let large = [UInt8](repeating: 0, count: 100_000)
                let statements: [SQL] = ["SELECT pg_advisory_xact_lock(77), \(large)", "INSERT INTO t VALUES (2)"]
                return LastStatements(
                    statements.enumerated().lazy.map { index, statement in
                        guard index == 1 else { return statement }
                        var isAtWork = false
                        while !isAtWork, ContinuousClock.now < deadline {
                            isAtWork = try! !other.query("SELECT FROM pg_locks WHERE objid = 77").isEmpty
                        }
                        #expect(isAtWork)
                        return statement
                    }
                ) { _ in }
            }
            let found = try numbers(other)
            #expect(found == [1, 2])
        }
    }

    @Test("whose connection is lost at the commit may be committed or not; before it, it is not")
    func lost() async throws {
        try await withTable { database, connection in
            let proxy = try ProtocolProxy(to: database.connectionString)
            defer { proxy.close() }
            for (moment, isThere) in [(ProtocolProxy.Moment.beforeCommit, false), (.afterCommit, true)] {
                proxy.breakNext(moment, ofTransactionsWith: "INSERT INTO t")
                let error = try #require(throws: PostgresError.self) {
                    try Connection(connectionString: proxy.connectionString).briefTransaction(first: ["SELECT 1"]) {
                        _, _ in
                        LastStatements(["INSERT INTO t VALUES (2)"]) { _ in }
                    }
                }
                #expect(error.kind == .unknownOutcome)
                let found = try numbers(connection)
                #expect(found == (isThere ? [1, 2] : [1]))
            }
        }
    }

    @Test("that the server ends before the commit is certainly not committed") func ended() async throws {
        try await withTable { database, connection in
            let other = try database.connect()
            let error = try #require(throws: PostgresError.self) {
                try connection.briefTransaction(first: ["INSERT INTO t VALUES (2)"]) { _, _ in
                    try other.execute("SELECT pg_terminate_backend(\(connection.backendProcessID), 5000)")
                    return LastStatements(["INSERT INTO t VALUES (3)"]) { _ in }
                }
            }
            #expect(error.kind == .connection)
            #expect(!connection.isUsable)
            let found = try numbers(other)
            #expect(found == [1])
        }
    }
}
