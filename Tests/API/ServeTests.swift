import Foundation
import JSON
import Testing

/// Each test starts servers of its own, because it ends them.
@Suite(.serialized) struct ServeTests {
    private static func stop(_ server: PurserServer) async throws {
        server.process.signal(SIGTERM)
        let end = try await server.process.ended(atMostSeconds: 60)
        #expect(end.exitCode == 0 && !end.isSignalled, "\(server.log)")
    }

    @Test("SIGTERM drains and exits 0, and the next start knows everything")
    func restart() async throws {
        let directory = try ScratchDirectory()
        let (name, hold, settled, entry) = try await { () async throws -> (String, String, String, String) in
            let server = try await PurserServer(in: directory)
            let team = try await Team(on: server)
            try await team.setBudget()
            let settled = try await team.hold("r-1")
            let entry = try await team.admin.json("POST", "/v1/settle", Team.settlement(settled))
            let open = try await team.hold("r-2")
            try await Self.stop(server)
            return (team.name, open, settled, try entry.text("entry_id"))
        }()
        let server = try await PurserServer(in: directory)
        let again = try await server.admin.json("POST", "/v1/settle", Team.settlement(settled))
        #expect(try again["duplicate"]?.bool == true && again.text("entry_id") == entry)
        try await server.admin.send("POST", "/v1/settle", Team.settlement(settled, outputTokens: 1))
            .expectProblem(409, "idempotency_conflict")
        // A hold outlives the replica that made it.
        let late = try await server.admin.json("POST", "/v1/settle", Team.settlement(hold))
        #expect(late["duplicate"]?.bool == false)
        let budget = try await server.admin.json("GET", "/v1/budgets/team%2F\(name)")
        #expect(try budget.money("spent_usd") == Decimal(string: "0.0275"))
        try await Self.stop(server)
    }

    @Test("what was answered is there after kill -9, and the ledger verifies")
    func killed() async throws {
        let directory = try ScratchDirectory()
        let name = try await { () async throws -> String in
            let server = try await PurserServer(in: directory)
            let team = try await Team(on: server)
            try await team.setBudget()
            for index in 1...20 {
                _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("k-\(index)")))
            }
            _ = try await team.hold("open")
            server.process.signal(SIGKILL)
            let end = try await server.process.ended(atMostSeconds: 30)
            #expect(end.isSignalled)
            return team.name
        }()
        let server = try await PurserServer(in: directory)
        let budget = try await server.admin.json("GET", "/v1/budgets/team%2F\(name)")
        #expect(try budget.money("spent_usd") == Decimal(string: "0.275"))
        #expect(try await server.admin.json("GET", "/v1/usage?team=\(name)&limit=1000").list("entries").count == 20)
        let verify = try await Command.run(["verify", "--data-dir", server.dataDirectory], as: nil)
        verify.expect(0, output: true)
        #expect(verify.lines.dropLast().allSatisfy { $0.hasPrefix("ok ") })
        try await Self.stop(server)
    }

    @Test("settlements under way at SIGTERM are answered and committed, or not answered at all")
    func drain() async throws {
        let directory = try ScratchDirectory()
        let (name, answered) = try await { () async throws -> (String, Int) in
            let server = try await PurserServer(in: directory)
            let team = try await Team(on: server)
            let holds = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<200 { group.addTask { try await team.hold("d-\(index)") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            // These settlements are answered before the signal. The others race with it.
            for hold in holds.prefix(10) {
                _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
            }
            let answered = await withTaskGroup(of: Bool.self) { group in
                for (index, hold) in holds.dropFirst(10).enumerated() {
                    group.addTask {
                        if index == 50 { server.process.signal(SIGTERM) }
                        return (try? await team.admin.send("POST", "/v1/settle", Team.settlement(hold)))?.status == 200
                    }
                }
                return await group.reduce(into: 10) { $0 += $1 ? 1 : 0 }
            }
            let end = try await server.process.ended(atMostSeconds: 60)
            #expect(end.exitCode == 0 && !end.isSignalled, "\(server.log)")
            return (team.name, answered)
        }()
        let server = try await PurserServer(in: directory)
        let entries = try await server.admin.json("GET", "/v1/usage?team=\(name)&limit=1000").list("entries")
        #expect(entries.count >= answered && answered >= 10)
        try await Self.stop(server)
    }

    @Test("a second server on the same data directory says who holds it, and does no harm")
    func secondServer() async throws {
        let server = try await PurserServer(in: try ScratchDirectory())
        let second = try PurserServer.start(in: server.directory, output: "second")
        let end = try await second.ended(atMostSeconds: 60)
        #expect(end.exitCode == 1 && !end.isSignalled)
        let errors = server.directory.text("second.err")
        #expect(errors.contains(server.dataDirectory), "\(errors)")
        #expect(errors.contains { $0.isNumber }, "the process that holds it is named: \(errors)")
        #expect(server.directory.text("second.out").isEmpty)
        #expect(try await server.admin.send("GET", "/readyz").status == 200)
        try await Self.stop(server)
    }

    @Test("an address that is taken stops serve with a sentence")
    func takenAddress() async throws {
        let shared = try await PurserServer.shared
        let address = String(shared.url.dropFirst("http://".count))
        let directory = try ScratchDirectory()
        let run = try await Command.run(
            ["serve", "--listen", address, "--data-dir", "\(directory.path)/data"], as: nil)
        run.expect(1, output: false, errors: true)
        #expect(run.errors.contains(address) || run.errors.lowercased().contains("in use"), "\(run.errors)")
    }
}
