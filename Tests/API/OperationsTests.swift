import Foundation
import JSON
import Testing

@Suite struct OperationsTests {
    @Test("health, readiness, metrics and the description need no token")
    func openRoutes() async throws {
        let nobody = try await PurserServer.shared.admin.with(token: nil)
        try await nobody.json("GET", "/healthz").expect(["status": .text])
        try await nobody.json("GET", "/readyz").expect(["ready": .flag, "reason": .null, "warnings": .list])
        let description = try await nobody.json("GET", "/openapi.json")
        #expect(try description.text("openapi").hasPrefix("3.1"))
        #expect(description["paths"]?.kind == .object)
    }

    @Test("every route of the description is there, and asks for a token where it says so")
    func describedRoutes() async throws {
        let nobody = try await PurserServer.shared.admin.with(token: nil)
        let paths = try #require(try await nobody.json("GET", "/openapi.json")["paths"])
        var count = 0
        for (path, item) in paths.fields {
            let place = path.replacing(/\{[a-z_]+\}/, with: "x")
            for (method, operation) in item.fields where ["get", "put", "post", "delete"].contains(method) {
                let reply = try await nobody.send(method.uppercased(), place)
                let isOpen = operation["security"].map { Array($0.elements).isEmpty } ?? false
                #expect(reply.status == (isOpen ? 200 : 401), "\(method) \(path)")
                count += 1
            }
        }
        #expect(count >= 25)
    }

    @Test("readyz warns while the database's settings weaken a promise, and stays ready")
    func warnings() async throws {
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
        #expect(try await server.admin.json("GET", "/readyz").list("warnings").isEmpty)
        for (setting, warnings) in [("off", 1), ("on", 0)] {
            try await database.execute("ALTER DATABASE \(database.name) SET synchronous_commit = \(setting)")
            // Only new sessions get the new setting, so this ends the old ones.
            try await database.allowConnections(true)
            try await Eventually.holds("synchronous_commit is \(setting) and readyz does not tell") {
                let readiness = try await server.admin.send("GET", "/readyz")
                let isTold = try readiness.json.list("warnings").count == warnings
                return isTold && readiness.status == 200
            }
        }
        #expect(server.log.contains("synchronous_commit"))
    }

    @Test("Prometheus takes the metrics, which count verdicts and tell no name")
    func metrics() async throws {
        let team = try await Team()
        _ = try await team.hold("m-1")
        let reply = try await team.admin.with(token: nil).send("GET", "/metrics")
        #expect(reply.status == 200 && reply.header("Content-Type")?.hasPrefix("text/plain; version=0.0.4") == true)
        #expect(reply.text.contains("purser_verdicts_total{verdict=\"admit\""))
        #expect(!reply.text.contains(team.name) && !reply.text.contains("claude"))

        let promtool = "/usr/bin/promtool"
        guard FileManager.default.isExecutableFile(atPath: promtool) else {
            throw TestFailure("\(promtool) is needed to check the metrics: apt-get install prometheus")
        }
        let directory = try ScratchDirectory()
        try Data(reply.body).write(to: URL(fileURLWithPath: "\(directory.path)/metrics"))
        let check = try ChildProcess(
            promtool, ["check", "metrics"], environment: PurserBinary.environment([:]),
            input: "\(directory.path)/metrics", output: "\(directory.path)/out", errors: "\(directory.path)/err")
        let end = try await check.ended(atMostSeconds: 30)
        #expect(end.exitCode == 0, "\(directory.text("out"))\(directory.text("err"))")
    }
}
