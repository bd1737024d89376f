import Foundation
import JSON
import Testing

/// Commands whose connection to the server is lost, as while servers are restarted one after another.
@Suite struct LostConnectionTests {
    private static func events(_ team: Team) -> String {
        (1...3).map {
            #"{"id":"l-\#($0)","source":"\#(team.name)","team":"\#(team.name)","model":"claude-opus-4-5","usage":{"input_tokens":1}}"#
        }.joined(separator: "\n")
    }

    @Test("an import goes on, from its first events", arguments: FlakyProxy.Cut.allCases)
    func importGoesOn(_ cut: FlakyProxy.Cut) async throws {
        let team = try await Team()
        let proxy = try FlakyProxy(to: team.server.url, cut, cuts: 2)
        defer { proxy.close() }
        let run = try await team.purser(
            "usage", "import", "--format", "ndjson", "-", as: Client(url: proxy.url, token: team.admin.token),
            input: Self.events(team))
        run.expect(0, output: true, errors: true)
        #expect(run.output == "3 accepted, 0 duplicates, 0 rejected\n" && run.errors.contains("Trying again."))
        #expect(try await team.entries().count == 3)
    }

    @Test("an import that finds no server again exits 3", arguments: FlakyProxy.Cut.allCases)
    func importEnds(_ cut: FlakyProxy.Cut) async throws {
        let team = try await Team()
        let proxy = try FlakyProxy(to: team.server.url, cut, cuts: .max)
        defer { proxy.close() }
        let run = try await team.purser(
            "usage", "import", "--format", "ndjson", "-", as: Client(url: proxy.url, token: team.admin.token),
            input: Self.events(team))
        run.expect(3, output: false, errors: true)
        #expect(try await team.entries().isEmpty)
    }

    @Test("what only reads is asked again", arguments: FlakyProxy.Cut.allCases)
    func reading(_ cut: FlakyProxy.Cut) async throws {
        let team = try await Team()
        let proxy = try FlakyProxy(to: team.server.url, cut, cuts: 2)
        defer { proxy.close() }
        try await team.purser("team", "list", as: Client(url: proxy.url, token: team.admin.token))
            .expect(0, output: true, errors: false)
    }

    @Test("a token is asked for again under the same key, and printed", arguments: FlakyProxy.Cut.allCases)
    func token(_ cut: FlakyProxy.Cut) async throws {
        let team = try await Team()
        let proxy = try FlakyProxy(to: team.server.url, cut, cuts: 2)
        defer { proxy.close() }
        let run = try await team.purser(
            "token", "create", "--role", "team", "--team", team.name,
            as: Client(url: proxy.url, token: team.admin.token))
        run.expect(0, output: true, errors: true)
        let made = try await team.admin.json("GET", "/v1/tokens").list("tokens").filter {
            $0["team"]?.string == team.name
        }
        #expect(made.count == 1)
    }

    @Test(
        "what changes something is not sent twice, exits 3 and says that it may be done",
        arguments: FlakyProxy.Cut.allCases)
    func changing(_ cut: FlakyProxy.Cut) async throws {
        let team = try await Team()
        let proxy = try FlakyProxy(to: team.server.url, cut, cuts: 1)
        defer { proxy.close() }
        let client = Client(url: proxy.url, token: team.admin.token)
        for exitCode: Int32 in [3, 0] {
            let run = try await team.purser("team", "create", "\(team.name)-new", as: client)
            run.expect(exitCode)
            if exitCode == 3 { #expect(run.errors.contains("may have been done")) }
        }
    }
}
