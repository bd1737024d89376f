import Postgres
import PostgresTesting
import Testing

@Suite struct ListenTests {
    @Test("a notification arrives with its channel and payload, in order") func arrives() async throws {
        try await TestDatabase.with { database in
            let listener = try database.connect()
            let sender = try database.connect()
            try listener.listen("Odd \"name\"")
            try sender.execute("SELECT pg_notify(\("Odd \"name\""), \("first"))")
            try sender.execute("SELECT pg_notify(\("other"), \("not for us"))")
            try sender.execute("SELECT pg_notify(\("Odd \"name\""), \("second"))")
            for payload in ["first", "second"] {
                let notification = try #require(try listener.waitForNotification(timeoutMilliseconds: 10_000))
                #expect(notification.channel == "Odd \"name\"")
                #expect(notification.payload == payload)
                #expect(notification.processID == sender.backendProcessID)
            }
            #expect(try listener.waitForNotification(timeoutMilliseconds: 0) == nil)
        }
    }

    @Test("a wait ends at its time") func timeout() async throws {
        try await TestDatabase.with { database in
            let listener = try database.connect()
            try listener.listen("c")
            let started = ContinuousClock.now
            #expect(try listener.waitForNotification(timeoutMilliseconds: 100) == nil)
            #expect(ContinuousClock.now - started >= .milliseconds(100))
        }
    }

    @Test("a wait on a connection that is lost ends with an error") func lost() async throws {
        try await TestDatabase.with { database in
            let listener = try database.connect()
            try listener.listen("c")
            try database.terminate(listener)
            let error = #expect(throws: PostgresError.self) {
                try listener.waitForNotification(timeoutMilliseconds: 60_000)
            }
            #expect(error?.kind == .connection)
        }
    }
}
