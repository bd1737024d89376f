import Foundation
import JSON
import Testing

/// No client keeps a connection for as long as it likes. The limits are made small here.
@Suite struct ConnectionLimitTests {
    private static let database = Task {
        let database = try await OwnDatabase.migrated()
        return database.connection
    }

    private static func start(_ settings: [String: String]) async throws -> PurserServer {
        try await PurserServer(in: ScratchDirectory(), database: database.value, environment: settings)
    }

    /// The sum of a metric's series.
    private static func metric(_ name: String, of server: PurserServer) async throws -> Int {
        let text = try await server.admin.send("GET", "/metrics").text
        let lines = text.split(separator: "\n").filter { $0.hasPrefix(name) }
        try #require(!lines.isEmpty, "there is no \(name)")
        return lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    }

    private static func timedOut(_ limit: String, of server: PurserServer) async throws -> Int {
        try await metric("purser_http_connections_timed_out_total{limit=\"\(limit)\"}", of: server)
    }

    private static let routes = ["/v1/settle", "/v1/quote"]

    /// Sends the last bytes of `text` one by one, slowly, until the server has had enough.
    private static func trickle(_ text: String, from start: Int, to server: PurserServer) async throws -> [RawAnswer] {
        let connection = try RawConnection(to: server.url)
        let bytes = Array(text.utf8)
        try connection.send(String(decoding: bytes[..<start], as: UTF8.self))
        let sending = Task {
            for byte in bytes[start...] {
                try await Task.sleep(for: .milliseconds(200))
                try connection.send(String(decoding: [byte], as: UTF8.self))
            }
        }
        defer { sending.cancel() }
        return try await OwnThread.run { try connection.receiveAnswersToEnd() }
    }

    @Test("a request that trickles is ended: the head, a body, a chunked body, a body nobody reads")
    func trickles() async throws {
        let server = try await Self.start(["PURSER_REQUEST_SECONDS": "1"])
        let long = String(repeating: " ", count: 1000)
        for path in Self.routes {
            let plain = RawConnection.post(path, long)
            let chunked =
                RawConnection.post(path, "", headers: ["Transfer-Encoding: chunked"])
                .replacing("Content-Length: 0\r\n", with: "") + String(repeating: "1\r\n \r\n", count: 200)
            let head = try #require(plain.firstRange(of: "\r\n\r\n")).lowerBound.utf16Offset(in: plain)
            for (text, start) in [(plain, 1), (plain, head), (plain, head + 4), (chunked, 300)] {
                let answers = try await Self.trickle(text, from: start, to: server)
                #expect(answers.map(\.status) == [408] && answers.map(\.isLast) == [true], "\(path) \(start)")
                #expect(answers.first?.code == "request_timeout")
            }
            let refused = plain.replacing(PurserServer.adminToken, with: "x")
            #expect(try await Self.trickle(refused, from: refused.utf8.count - 900, to: server).map(\.status) == [401])
        }
        #expect(try await Self.timedOut("request", of: server) == 10)
        #expect(try await Self.timedOut("idle", of: server) == 0)
    }

    @Test("a request that trickles behind others does not cost them their answers")
    func tricklesBehind() async throws {
        let server = try await Self.start(["PURSER_REQUEST_SECONDS": "1"])
        let connection = try RawConnection(to: server.url)
        let call = RawConnection.post("/v1/settle", RawBytes.object)
        try connection.send(call + RawConnection.request("GET", "/healthz"))
        #expect(try connection.receiveAnswers(2).map(\.status) == [422, 200])
        try connection.send(call + String(call.dropLast(1)))
        #expect(try connection.receiveAnswersToEnd().map(\.status) == [422, 408])
    }

    @Test("a connection without a request is ended without a word, after a request or before the first")
    func idle() async throws {
        let server = try await Self.start(["PURSER_IDLE_SECONDS": "1"])
        for path in ["/healthz", "/v1/settle", nil] {
            let connection = try RawConnection(to: server.url)
            if let path {
                try connection.send(RawConnection.post(path, RawBytes.object))
                #expect(try connection.receiveAnswers(1).count == 1)
            }
            #expect(try connection.receiveToEnd() == "")
        }
        #expect(try await Self.timedOut("idle", of: server) >= 3)
        #expect(try await Self.timedOut("request", of: server) == 0)
    }

    @Test("a connection that is used stays")
    func stays() async throws {
        let server = try await Self.start(["PURSER_IDLE_SECONDS": "2", "PURSER_REQUEST_SECONDS": "1"])
        let connection = try RawConnection(to: server.url)
        for path in ["/healthz", "/v1/settle", "/healthz", "/v1/settle", "/healthz"] {
            try connection.send(RawConnection.post(path, RawBytes.object))
            #expect(try connection.receiveAnswers(1).count == 1)
            try await Task.sleep(for: .milliseconds(800))
        }
    }

    @Test("a client that takes nothing of its answers is not waited for")
    func untakenAnswers() async throws {
        let server = try await Self.start(["PURSER_IDLE_SECONDS": "1"])
        let connection = try RawConnection(to: server.url, receiveBytes: 4096)
        let requests = String(repeating: RawConnection.request("GET", "/openapi.json"), count: 20)
        let sending = Task {
            try await OwnThread.run { while true { try connection.send(requests) } }
        }
        await #expect(throws: TestFailure.self) { try await sending.value }
        try await Eventually.holds("the connection is not counted") {
            try await Self.timedOut("answer", of: server) == 1
        }
    }

    /// It takes less in a second than the kernel's buffer must lose before the server can write more.
    @Test("a client that takes a long answer slowly gets all of it")
    func slowTaking() async throws {
        let server = try await Self.start(["PURSER_IDLE_SECONDS": "3"])
        let connection = try RawConnection(to: server.url, receiveBytes: 4096)
        let count = 60
        try connection.send(String(repeating: RawConnection.request("GET", "/openapi.json"), count: count))
        var (bytes, answers) = ([UInt8](), [RawAnswer]())
        let slowUntil = ContinuousClock.now + .seconds(10)
        while answers.count < count, let more = try connection.receive() {
            bytes += more
            while let answer = try RawAnswer(takingFrom: &bytes) { answers.append(answer) }
            if ContinuousClock.now < slowUntil { try await Task.sleep(for: .milliseconds(100)) }
        }
        #expect(answers.count == count && answers.allSatisfy { $0.status == 200 })
        #expect(try await Self.timedOut("answer", of: server) == 0)
    }

    @Test("a connection too many is told so, and taken again once another has ended")
    func tooMany() async throws {
        let server = try await Self.start(["PURSER_MAX_CONNECTIONS": "3"])
        func use(_ connection: RawConnection) throws -> RawAnswer? {
            try connection.send(RawConnection.request("GET", "/healthz"))
            return try connection.receiveAnswers(1).first
        }
        var connections: [RawConnection] = []
        for _ in 0..<3 {
            let connection = try RawConnection(to: server.url)
            #expect(try use(connection)?.status == 200)
            connections.append(connection)
        }
        for _ in 0..<3 {
            let connection = try RawConnection(to: server.url)
            let answer = try #require(try use(connection))
            #expect(answer.status == 503 && answer.isLast && answer.code == "unavailable")
            #expect(answer.head.contains("Retry-After: 1"))
            #expect(try connection.receiveToEnd() == "")
        }
        let silent = try RawConnection(to: server.url)
        #expect(try silent.receiveToEnd() == "")
        #expect(try connections.allSatisfy { try use($0)?.status == 200 })
        connections.removeLast()
        try await Eventually.holds("no connection is taken any more") {
            try use(try RawConnection(to: server.url))?.status == 200
        }
        connections.removeAll()
        try await Eventually.holds("the connections are not counted") {
            guard let text = try? await server.admin.send("GET", "/metrics").text else { return false }
            return text.contains("purser_http_connections 1\n") || text.contains("purser_http_connections 2\n")
        }
        #expect(try await Self.metric("purser_http_connections_refused_total", of: server) >= 4)
    }

    @Test("where the system allows fewer open files than connections, fewer are taken, and the log says so")
    func fewDescriptors() async throws {
        let directory = try ScratchDirectory()
        let process = try PurserServer.start(
            in: directory, database: try await Self.database.value, maximumDescriptors: 515)
        defer { process.signal(SIGINT) }
        let url = try await PurserServer.address(in: directory, of: process)
        #expect(directory.text("serve.err").contains("taken=3"), "\(directory.text("serve.err"))")
        let connections = try (0..<4).map { _ in try RawConnection(to: url) }
        for connection in connections { try connection.send(RawConnection.request("GET", "/healthz")) }
        let statuses = try connections.map { try $0.receiveAnswers(1).first?.status ?? 0 }
        #expect(statuses.sorted() == [200, 200, 200, 503])
    }

    @Test(
        "a limit that is none is refused by its name",
        arguments: ["PURSER_IDLE_SECONDS", "PURSER_REQUEST_SECONDS", "PURSER_MAX_CONNECTIONS"],
        ["0", "-1", "1.5", "many", "1000001"])
    func refused(variable: String, value: String) async throws {
        let directory = try ScratchDirectory()
        let process = try PurserServer.start(in: directory, environment: [variable: value])
        #expect(try await process.ended(atMostSeconds: 60).exitCode == 2)
        #expect(directory.text("serve.err").contains(variable), "\(directory.text("serve.err"))")
    }
}
