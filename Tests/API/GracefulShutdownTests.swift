import Foundation
import JSON
import Synchronization
import Testing

/// How a server shuts down, and what its clients see meanwhile.
@Suite struct GracefulShutdownTests {
    /// Drain seconds that outlast every test. A server that ends within a test has not waited for them.
    private static let forever = 300

    /// All tests share one database, because each server would need seconds to make a cluster of its own.
    private static let database = Task {
        let database = try await OwnDatabase.migrated()
        return database.connection
    }

    private static func start(drainSeconds: Int = forever) async throws -> PurserServer {
        try await PurserServer(in: ScratchDirectory(), database: database.value, drainSeconds: drainSeconds)
    }

    private static func expectEnd(_ server: PurserServer) async throws {
        let end = try await server.process.ended(atMostSeconds: 60)
        #expect(end.exitCode == 0 && !end.isSignalled, "\(server.log)")
    }

    /// The number of `team`'s ledger entries, as the next server reports it.
    private static func entries(of team: Team) async throws -> Int {
        let server = try await start()
        defer { server.process.signal(SIGINT) }
        return try await server.admin.json("GET", "/v1/usage?team=\(team.name)").list("entries").count
    }

    private static func drain(_ server: PurserServer) async throws {
        server.process.signal(SIGTERM)
        try await Eventually.holds("readyz does not tell of draining") {
            try await server.admin.send("GET", "/readyz").status == 503
        }
    }

    @Test("SIGTERM: not ready and no new holds at once, but those there are can be ended, and usage is taken")
    func draining() async throws {
        let server = try await Self.start()
        let team = try await Team(on: server)
        try await team.setBudget()
        let (settled, voided) = (try await team.hold("r-1"), try await team.hold("r-2"))
        try await Self.drain(server)

        let readiness = try await server.admin.send("GET", "/readyz")
        #expect(try readiness.json.text("reason").hasPrefix("draining"))
        #expect(readiness.header("Retry-After") != nil)
        #expect(try await server.admin.send("GET", "/healthz").status == 200)
        let refusal = try await server.admin.send("POST", "/v1/authorize", team.call("r-3"))
        try refusal.expectProblem(503, "unavailable")
        #expect(refusal.header("Retry-After").flatMap { Int($0) } != nil)
        // A repeated authorize of an existing hold gets the same answer as before.
        #expect(try await team.hold("r-1") == settled)

        let settlement = try await server.admin.send("POST", "/v1/settle", Team.settlement(settled))
        #expect(settlement.status == 200 && settlement.header("Connection") == "close")
        _ = try await server.admin.json("POST", "/v1/void", #"{"hold_id":"\#(voided)"}"#)
        let event = #"{"id":"e","source":"s","team":"\#(team.name)","model":"gpt-4o","usage":{"input_tokens":1}}"#
        let usage = try await server.admin.json("POST", "/v1/usage", #"{"events":[\#(event)]}"#)
        #expect(usage["accepted"]?.integer == 1, "\(usage.source)")
        #expect(try await team.budget().money("held_usd") == 0)

        #expect(server.process.end == nil)
        server.process.signal(SIGTERM)
        try await Self.expectEnd(server)
        #expect(try await Self.entries(of: team) == 2)
        try await Command.run(["verify", "--database-url", Self.database.value], as: nil).expect(0)
    }

    @Test("a second signal ends the wait, whichever it is", arguments: [SIGTERM, SIGINT])
    func secondSignal(_ signal: Int32) async throws {
        let server = try await Self.start()
        try await Self.drain(server)
        #expect(server.process.end == nil)
        server.process.signal(signal)
        try await Self.expectEnd(server)
    }

    @Test("SIGINT, which comes from a terminal, ends without the wait")
    func interrupt() async throws {
        let server = try await Self.start()
        server.process.signal(SIGINT)
        try await Self.expectEnd(server)
    }

    @Test("after the drain seconds the server ends by itself")
    func ends() async throws {
        let server = try await Self.start(drainSeconds: 1)
        try await Self.drain(server)
        try await Self.expectEnd(server)
    }

    @Test("while draining, requests that came together are all answered, and the last answer says so and closes")
    func lastAnswer() async throws {
        let server = try await Self.start()
        let connection = try RawConnection(to: server.url)
        try await Self.drain(server)
        try connection.send(
            RawConnection.request("GET", "/healthz") + RawConnection.request("GET", "/healthz")
                + RawConnection.request("GET", "/readyz"))
        let answers = try connection.receiveToEnd().components(separatedBy: "HTTP/1.1 ").dropFirst()
        #expect(answers.map { $0.prefix(3) } == ["200", "200", "503"])
        #expect(answers.map { $0.lowercased().contains("connection: close") } == [false, false, true])
    }

    /// Opens a connection and sends the first part of `request`. An answer to an earlier request proves that the server
    /// has accepted the connection.
    private static func begin(_ request: String, on server: PurserServer) throws -> RawConnection {
        let connection = try RawConnection(to: server.url)
        try connection.send(RawConnection.request("GET", "/healthz"))
        _ = try #require(try connection.receive())
        try connection.send(String(request.dropLast(10)))
        return connection
    }

    @Test("a request that has begun to arrive when the server ends is answered and committed")
    func underWay() async throws {
        let server = try await Self.start(drainSeconds: 0)
        let team = try await Team(on: server)
        let request = RawConnection.request("POST", "/v1/settle", Team.settlement(try await team.hold("r-1")))
        let connection = try Self.begin(request, on: server)
        server.process.signal(SIGTERM)
        try await Eventually.holds("it goes on listening") { (try? RawConnection(to: server.url)) == nil }
        try connection.send(String(request.suffix(10)))
        let answer = try connection.receiveToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.lowercased().contains("connection: close"), "\(answer)")
        try await Self.expectEnd(server)
        #expect(try await Self.entries(of: team) == 1)
    }

    @Test("a client that stops in the middle of a request does not hold the server up")
    func stalled() async throws {
        let server = try await Self.start(drainSeconds: 0)
        let request = RawConnection.request("POST", "/v1/settle", Team.settlement("of a hold"))
        let connection = try Self.begin(request, on: server)
        server.process.signal(SIGTERM)
        try await Self.expectEnd(server)
        #expect(try connection.receiveToEnd().isEmpty)
    }

    @Test("clients that connect anew for every call do not bring it down when it ends", arguments: 1...3)
    func newConnections(_ round: Int) async throws {
        let server = try await Self.start(drainSeconds: 0)
        let request = RawConnection.request("GET", "/healthz", headers: ["Connection: close"])
        let answers = Atomic(0)
        await Self.onThreads(32) {
            // The loop ends when nobody listens any more. A connection that is cut brings no answer and is not counted.
            while let connection = try? RawConnection(to: server.url) {
                try? connection.send(request)
                guard (try? connection.receiveToEnd())?.hasPrefix("HTTP/1.1 200") == true else { continue }
                if answers.wrappingAdd(1, ordering: .relaxed).newValue == 500 { server.process.signal(SIGTERM) }
            }
        }
        #expect(answers.load(ordering: .relaxed) >= 500)
        try await Self.expectEnd(server)
    }

    private static func onThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread {
                            body()
                            continuation.resume()
                        }
                    }
                }
            }
        }
    }

    @Test("a number of seconds that is none is refused", arguments: ["-1", "301", "soon", "1.5"])
    func refusedSeconds(_ text: String) async throws {
        let directory = try ScratchDirectory()
        let process = try PurserServer.start(in: directory, environment: ["PURSER_DRAIN_SECONDS": text])
        #expect(try await process.ended(atMostSeconds: 60).exitCode == 2)
        #expect(directory.text("serve.err").contains("300"), "\(directory.text("serve.err"))")
    }
}
