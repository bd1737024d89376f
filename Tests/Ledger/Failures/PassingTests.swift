import Postgres
import PostgresTesting
import Testing

@testable import Ledger

/// States from appendix A of the PostgreSQL manual: every state of the classes that can hit a transaction through no
/// fault of its rows, and some of the others.
@Suite("What PostgreSQL answers") struct PassingTests {
    private static let passing = [
        "08000", "08003", "08006", "08001", "08004", "08007", "08P01", "25006", "25P03", "25P04", "40000", "40001",
        "40P01", "53000", "53100", "53200", "53300", "53400", "55000", "55006", "55P02", "55P03", "55P04", "57000",
        "57014", "57P01", "57P02", "57P03", "57P04", "57P05", "58000", "58030", "58P01", "58P02",
    ]
    private static let lasting = [
        "0A000", "21000", "22003", "22021", "23502", "23505", "23514", "25000", "25001", "25002", "25008", "25003",
        "25004", "25005", "25007", "25P01", "25P02", "40002", "42501", "42703", "42P01", "54000", "P0001", "XX000",
        "XX001", "XX002",
    ]

    @Test(
        "may pass by itself or lies in the statement",
        arguments: passing.map { ($0, true) } + lasting.map { ($0, false) })
    func classes(sqlState: String, isPassing: Bool) async throws {
        let error = try #require(try await Self.errors.value[sqlState])
        #expect(error.sqlState == sqlState)
        #expect(error.isPassing == isPassing)
    }

    @Test("that a statement may or may not have been completed is an unknown outcome") func unknown() async throws {
        let error = try #require(try await Self.errors.value["40003"])
        #expect(error.kind == .unknownOutcome)
        #expect(!error.isPassing)
    }

    @Test("of a lost connection and of none, nothing was done") func connection() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try database.terminate(connection)
            let lost = #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
            #expect(lost?.isPassing == true)
        }
        let none = #expect(throws: PostgresError.self) { try Connection(connectionString: "host=/nowhere") }
        #expect(none?.isPassing == true)
    }

    /// The error of each state, raised by a real server.
    private static let errors = Task {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.executeScript(
                """
                CREATE FUNCTION fail(state text) RETURNS void LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = state; END $$
                """)
            return (passing + lasting + ["40003"]).reduce(into: [String: PostgresError]()) { errors, state in
                do throws(PostgresError) {
                    try connection.execute("SELECT fail(\(state))")
                } catch {
                    errors[state] = error
                }
            }
        }
    }
}
