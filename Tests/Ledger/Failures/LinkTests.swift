import Postgres
import PostgresTesting
import Testing

@testable import Ledger

@Suite("A link to a host that falls silent", .timeLimit(.minutes(1))) struct LinkTests {
    @Test("is given up and made again to the next host of the list") func nextHost() async throws {
        try await TestDatabase.with { database in
            let first = try ProtocolProxy(to: database.connectionString)
            defer { first.close() }
            let second = try ProtocolProxy(to: database.connectionString)
            defer { second.close() }
            var limits = SessionLimits()
            (limits.lock, limits.answer) = (.milliseconds(100), .milliseconds(300))
            let link = DatabaseLink(
                connectionString:
                    "\(first.connectionString) host=127.0.0.1,127.0.0.1 port=\(first.port),\(second.port)",
                name: "link",
                limits: limits)
            let before = try link.run { $0.backendProcessID }
            first.silence()
            let error = #expect(throws: PostgresError.self) { try link.run { try $0.query("SELECT 1").count } }
            #expect(error?.kind == .connection)
            #expect(try link.run { try $0.query("SELECT 1").count } == 1)
            #expect(try link.run { $0.backendProcessID } != before)
        }
    }

    @Test("costs a replica less than its lease time, so that the next host is reached before the fence")
    func beforeTheFence() throws {
        let (answer, connect) = (
            try #require(SessionLimits.heartbeat.answer), try #require(SessionLimits.heartbeat.connect)
        )
        // At worst the next heartbeat gets no answer. The replica then pauses and reconnects to make up for it.
        let untilSent = Duration.seconds(ReplicaRegistry.heartbeatSeconds)
        let pause = Duration.seconds(1)
        #expect(untilSent + answer + pause + connect < .seconds(ReplicaRegistry.leaseSeconds))
    }
}
