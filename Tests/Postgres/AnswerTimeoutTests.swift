import Glibc
import PostgresTesting
import Testing

@testable import Postgres

@Suite("A server that says nothing", .timeLimit(.minutes(1))) struct AnswerTimeoutTests {
    private static let timeout = Duration.milliseconds(200)
    /// Longer than any test waits. If the test ends, the statement was given up.
    private static let sleep: SQL = "SELECT pg_sleep(50)"

    /// Makes the commit of a row take longer than any test waits.
    private static let slowCommit = """
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE WARNING 'the result before this is sent with it'; PERFORM pg_sleep(50); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION wait()
        """

    private func withConnection(_ body: (TestDatabase, Connection) async throws -> Void) async throws {
        try await TestDatabase.with { database in
            let connection = try Connection(
                unlimited: database.connectionString, answerTimeout: Self.timeout)
            try connection.executeScript("CREATE TABLE t (x int8)")
            try await body(database, connection)
        }
    }

    private func expectGivenUp(
        _ connection: Connection, as kind: PostgresError.Kind, _ body: () throws -> Void
    ) throws {
        let error = try #require(throws: PostgresError.self, performing: body)
        #expect(error.kind == kind)
        #expect(error.debugDescription.contains("the server did not answer for 0.2 seconds"))
        #expect(!connection.isUsable)
        #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
    }

    @Test("a statement is given up with its connection", arguments: ["query", "script", "prepare", "pipeline"])
    func statement(way: String) async throws {
        try await withConnection { database, connection in
            let other = try database.connect()
            try other.executeScript("BEGIN; LOCK TABLE t")
            try expectGivenUp(connection, as: way == "pipeline" ? .unknownOutcome : .connection) {
                switch way {
                case "query": _ = try connection.query(Self.sleep)
                case "script": try connection.executeScript("SELECT 1; SELECT pg_sleep(50)")
                // To prepare the statement, the server must look at the locked table.
                case "prepare": _ = try connection.query("SELECT x FROM t")
                default: _ = try connection.pipeline(["SELECT 1", Self.sleep])
                }
            }
        }
    }

    @Test("a transaction is given up, and nothing of it is committed") func transaction() async throws {
        try await withConnection { database, connection in
            try expectGivenUp(connection, as: .connection) {
                try connection.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (\(1))")
                    _ = try transaction.query(Self.sleep)
                }
            }
            #expect(try database.connect().query("SELECT x FROM t").isEmpty)
        }
    }

    @Test("a commit is an unknown outcome, also where it needs a constraint to be checked first") func commit()
        async throws
    {
        try await withConnection { _, connection in
            try connection.executeScript(Self.slowCommit)
            try expectGivenUp(connection, as: .unknownOutcome) {
                try connection.transaction { _ = try $0.execute("INSERT INTO t VALUES (\(1))") }
            }
        }
    }

    @Test("a statement of its own whose commit is not answered is given up, though its result was there")
    func ownCommit() async throws {
        try await withConnection { _, connection in
            try connection.executeScript(Self.slowCommit)
            try expectGivenUp(connection, as: .connection) { try connection.execute("INSERT INTO t VALUES (\(1))") }
        }
    }

    @Test("that reads nothing either holds up no pipeline") func unread() async throws {
        try await withConnection { database, connection in
            let backend = connection.backendProcessID
            let big = [UInt8](repeating: 7, count: 1 << 20)
            try connection.executeScript("CREATE TABLE b (x bytea)")
            kill(backend, SIGSTOP)
            defer { kill(backend, SIGCONT) }
            try expectGivenUp(connection, as: .unknownOutcome) {
                _ = try connection.pipeline((0..<8).map { _ in "INSERT INTO b VALUES (\(big))" })
            }
        }
    }

    @Test("for longer than the timeout, but now and then something, is waited for") func slow() async throws {
        try await withConnection { _, connection in
            connection.answerTimeout = .seconds(1)
            let script = (0..<4).map { _ in "DO $$ BEGIN PERFORM pg_sleep(0.4); RAISE WARNING 'on it'; END $$" }
            try connection.executeScript(script.joined(separator: "; "))
            #expect(try connection.query("SELECT 1").count == 1)
        }
    }

    @Test("in the middle of a commit leaves its outcome unknown, whether it arrived or not", arguments: [false, true])
    func silentNetwork(arrives: Bool) async throws {
        try await withConnection { database, direct in
            let proxy = try ProtocolProxy(to: database.connectionString)
            defer { proxy.close() }
            let connection = try Connection(
                unlimited: proxy.connectionString, answerTimeout: Self.timeout)
            proxy.breakNext(arrives ? .afterCommit : .beforeCommit, by: .silence, ofTransactionsWith: "INSERT INTO t")
            try expectGivenUp(connection, as: .unknownOutcome) {
                try connection.transaction { _ = try $0.execute("INSERT INTO t VALUES (\(1))") }
            }
            #expect(proxy.brokenCount == 1)
            #expect(try direct.query("SELECT x FROM t").count == (arrives ? 1 : 0))
        }
    }
}
