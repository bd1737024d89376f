import PostgresTesting
import Testing

@testable import Postgres

@Suite("A host that takes a connection and says nothing", .timeLimit(.minutes(1))) struct ConnectTimeoutTests {
    private func withSilentHost(_ body: (TestDatabase, ProtocolProxy) async throws -> Void) async throws {
        try await TestDatabase.with { database in
            let proxy = try ProtocolProxy(to: database.connectionString)
            defer { proxy.close() }
            proxy.silence()
            try await body(database, proxy)
        }
    }

    @Test("is given up after the time to connect") func givenUp() async throws {
        try await withSilentHost { _, proxy in
            let error = #expect(throws: PostgresError.self) {
                try Connection(
                    unlimited: proxy.connectionString + " connect_timeout=0", connectTimeout: .seconds(2))
            }
            #expect(error?.kind == .connection)
            #expect(error?.debugDescription.contains("timeout expired") == true)
        }
    }

    @Test("does not keep from the next host of the list") func nextHost() async throws {
        try await withSilentHost { database, proxy in
            let other = try ProtocolProxy(to: database.connectionString)
            defer { other.close() }
            let hosts = " host=127.0.0.1,127.0.0.1 port=\(proxy.port),\(other.port)"
            let connection = try Connection(
                unlimited: proxy.connectionString + hosts, connectTimeout: .seconds(2))
            #expect(try connection.query("SELECT 1").count == 1)
        }
    }

    @Test(
        "is waited for as long as the shorter of what is given and what is wanted",
        arguments: [
            ("", nil, "5"), ("", Duration.seconds(2), "2"), ("connect_timeout=9", nil, "9"),
            ("connect_timeout=9", .seconds(2), "2"), ("connect_timeout=3", .seconds(4), "3"),
            ("connect_timeout=0", .seconds(2), "2"), ("connect_timeout=-1", .seconds(2), "2"),
            ("", .milliseconds(2_001), "3"), ("connect_timeout=soon", .seconds(2), "2"),
        ] as [(String, Duration?, String)])
    func shorter(given: String, wanted: Duration?, expected: String) throws {
        let parameters = try ConnectionParameters(parsing: given, connectTimeout: wanted)
        #expect(parameters.values.filter { $0.keyword == "connect_timeout" }.map(\.value) == [expected])
    }

    @Test(
        "a list of hosts means the one that takes writes",
        arguments: [
            ("host=a", nil), ("host=a,b", "read-write"), ("hostaddr=10.0.0.1,10.0.0.2", "read-write"),
            ("postgres://a,b/db", "read-write"), ("host=a,b target_session_attrs=any", "any"),
        ])
    func manyHosts(given: String, expected: String?) throws {
        let parameters = try ConnectionParameters(parsing: given)
        #expect(parameters.values.first { $0.keyword == "target_session_attrs" }?.value == expected)
    }
}
