import Postgres
import PostgresTesting
import Testing

@Suite struct ConnectionTests {
    @Test("a session is in UTF-8 and UTC and says who it is") func session() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            #expect(connection.isUsable)
            #expect(connection.parameterStatus("client_encoding") == "UTF8")
            #expect(connection.parameterStatus("TimeZone") == "UTC")
            #expect(connection.parameterStatus("application_name") == "purser")
            #expect(connection.serverVersion >= 140_000)
        }
    }

    @Test("what the connection string says of the session wins, but for encoding and time zone")
    func givenSession() async throws {
        try await TestDatabase.with { database in
            let string = database.connectionString + " application_name=other options='-c TimeZone=Asia/Tokyo'"
            let connection = try Connection(connectionString: string + " client_encoding=LATIN1")
            #expect(connection.parameterStatus("application_name") == "other")
            #expect(connection.parameterStatus("TimeZone") == "UTC")
            #expect(connection.parameterStatus("client_encoding") == "UTF8")
        }
    }

    @Test(
        "no message has the password, and the public one not even the host",
        arguments: [
            "postgres://ann:s3cret@127.0.0.1:1/db", "host=127.0.0.1 port=1 user=ann password=s3cret",
            "postgres://ann:s3cret@[::1", "postgres://ann:s3cret%zz@127.0.0.1/db", "password='s3cret",
            "host=/s3cret port=1 password=s3cret", "host=127.0.0.1 s3cret", "postgres://127.0.0.1/?password=s3cret=x",
            "s3cret=1",
            "host=127.0.0.1 port=s3cret password=s3cret", "postgres://ann:x@127.0.0.1:1/db?s3cret=1",
        ])
    func secrets(connectionString: String) throws {
        let error = try #require(throws: PostgresError.self) { try Connection(connectionString: connectionString) }
        #expect(!error.description.contains("s3cret") && !error.debugDescription.contains("s3cret"))
        #expect(!"\(error)".contains("127.0.0.1"))
        #expect(error.kind == .connection || error.kind == .usage)
    }

    @Test("a database that is not there is a connection error, with the reason for the operator")
    func missingDatabase() async throws {
        try await TestDatabase.with { database in
            let string = database.connectionString + " dbname=absent"
            let error = try #require(throws: PostgresError.self) { try Connection(connectionString: string) }
            #expect(error.kind == .connection)
            #expect(!error.description.contains("absent"))
            #expect(error.debugDescription.contains("absent"))
        }
    }

    @Test("a zero byte is refused rather than cutting a statement short") func zeroByte() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            let error = #expect(throws: PostgresError.self) { try connection.executeScript("SELECT 1\u{0}; nonsense") }
            #expect(error?.kind == .usage)
            #expect(throws: PostgresError.self) { try connection.query("SELECT 1\u{0}") }
            #expect(throws: PostgresError.self) { try connection.listen("a\u{0}b") }
        }
    }

    @Test("a script executes all its statements, or none") func script() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.executeScript("CREATE TABLE t (x int8); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)")
            #expect(throws: PostgresError.self) {
                try connection.executeScript("INSERT INTO t VALUES (3); SELECT nonsense; INSERT INTO t VALUES (4)")
            }
            #expect(try connection.query("SELECT FROM t").count == 2)
        }
    }

    @Test("a COPY in a script is refused and leaves the connection usable", arguments: ["FROM STDIN", "TO STDOUT"])
    func copyInScript(direction: String) async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.executeScript("CREATE TABLE t (x int8); INSERT INTO t VALUES (1)")
            let error = #expect(throws: PostgresError.self) { try connection.executeScript("COPY t \(direction)") }
            #expect(error?.kind == .usage)
            #expect(try connection.query("SELECT x FROM t").count == 1)
        }
    }

    @Test("a closed connection is noticed without a statement") func noticeClosing() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            #expect(!connection.noticeClosing())
            try database.terminate(connection)
            #expect(connection.noticeClosing())
            #expect(!connection.isUsable)
            let error = #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
            #expect(error?.kind == .connection)
        }
    }

    @Test("a connection lost under a statement is a connection error") func lost() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try database.terminate(connection)
            let error = try #require(throws: PostgresError.self) { try connection.query("SELECT 1") }
            #expect(error.kind == .connection)
            #expect(!error.description.contains("SELECT"))
            #expect(error.debugDescription.contains("SELECT"))
        }
    }
}
