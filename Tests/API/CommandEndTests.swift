import Foundation
import Testing

/// The exit codes of commands: 0 done, 1 refused, 2 wrong usage, 3 server not reachable.
@Suite struct CommandEndTests {
    @Test(
        "help and what is asked for go to standard output and exit 0",
        arguments: [[], ["--help"], ["budget", "set", "--help"]])
    func help(arguments: [String]) async throws {
        let help = try await Command.run(arguments, as: nil)
        help.expect(0, output: true, errors: false)
        #expect(help.output.contains("USAGE: purser"))
    }

    @Test(
        "wrong usage exits 2 without asking a server",
        arguments: [
            ["nonsense"], ["team", "create"], ["team", "create", "a b"], ["token", "create", "--role", "boss"],
            ["token", "create", "--role", "team"], ["budget", "set", "x", "--limit", "5"],
            ["budget", "set", "x", "--team", "t", "--limit", "abc"],
            ["budget", "set", "x", "--team", "t", "--limit", "-5"],
            ["budget", "set", "x", "--team", "t", "--limit", "5", "--limit-calls", "5"],
            ["budget", "set", "x", "--team", "t"],
            ["budget", "set", "x", "--team", "t", "--limit", "5", "--period", "fortnight"],
            ["budget", "set", "x", "--team", "t", "--limit", "5", "--downgrade-at", "lots"],
            ["budget", "set", "x", "--team", "t", "--limit", "5", "--soft", "--shadow"],
            ["ladder", "set", "t"], ["ladder", "set", "t", "a", "--floor", "b"], ["quote", "m", "--input", "-1"],
            ["explain", "--team", "t", "--model", "m"], ["report", "monthly", "--month", "2026-13"],
            ["report", "monthly", "--month", "2026-10", "--format", "pdf"], ["usage", "import", "calls.txt"],
            ["alert", "add", "a", "--team", "t", "--webhook", "ftp://x"], ["serve", "--listen", "nowhere"],
            ["serve", "--listen", "127.0.0.1:99999"],
        ])
    func wrongUsage(arguments: [String]) async throws {
        try await Command.run(arguments, as: Client(url: "http://127.0.0.1:1", token: "x")).expect(
            2, output: false, errors: true)
    }

    @Test("what the server refuses exits 1 and says why")
    func refused() async throws {
        let team = try await Team()
        let unknown = try await team.purser("budget", "set", "x", "--team", "no-such-team", "--limit", "5")
        unknown.expect(1, output: false)
        #expect(unknown.errors.contains("no-such-team"))
        let stranger = try await team.purser("team", "list", as: team.admin.with(token: "nonsense"))
        stranger.expect(1, output: false)
        #expect(stranger.errors.contains("token") && !stranger.errors.contains("nonsense"))
        let nobody = try await team.purser("team", "list", as: team.admin.with(token: nil))
        nobody.expect(1, output: false)
        #expect(nobody.errors.contains("PURSER_TOKEN is not set"))
    }

    @Test("a server that is not there exits 3 and names the address")
    func notReachable() async throws {
        let run = try await Command.run(["team", "list"], as: Client(url: "http://127.0.0.1:1", token: "x"))
        run.expect(3, output: false)
        #expect(run.errors.contains("http://127.0.0.1:1"))
    }

    @Test("an address that is none exits 2", arguments: ["ftp://x", "purser", "http://user:secret@127.0.0.1:1"])
    func wrongAddress(url: String) async throws {
        let run = try await Command.run(["team", "list"], as: Client(url: url, token: "x"))
        run.expect(2, output: false)
        #expect(!run.errors.contains("secret"))
    }

    @Test(
        "a setting that serve cannot use stops it with a sentence",
        arguments: [
            ["PURSER_ADMIN_TOKEN": "short"], ["PURSER_ADMIN_TOKEN": "short of nothing but with spaces in it"],
            ["PURSER_ADMIN_TOKEN": String(repeating: "short", count: 60)], ["PURSER_ADMIN_TOKEN": ""],
            ["PURSER_TIME_ZONE": "Mars/Base"], ["PURSER_TIME_ZONE": ""], ["PURSER_LOG_LEVEL": "loud"],
            ["PURSER_LISTEN": "nowhere"], ["PURSER_LISTEN": ""], ["PURSER_DATABASE_URL": ""],
            ["PURSER_DRAIN_SECONDS": "5s"], ["PURSER_DRAIN_SECONDS": "-1"], ["PURSER_DRAIN_SECONDS": "301"],
            ["PURSER_FENCED_HARD": "shut"], ["PURSER_FENCED_SOFT": ""],
            ["PURSER_ALERT_FIRST_RETRY_SECONDS": "10s"], ["PURSER_ALERT_FIRST_RETRY_SECONDS": "0"],
            ["PURSER_ALERT_FIRST_RETRY_SECONDS": "1.5"],
        ])
    func wrongSettings(environment: [String: String]) async throws {
        let directory = try ScratchDirectory()
        let run = try await Command.run(
            ["serve"] + (environment["PURSER_DATABASE_URL"] == nil ? ["--data-dir", "\(directory.path)/data"] : []),
            as: nil, environment: environment)
        run.expect(2, output: false)
        #expect(run.errors.contains(environment.keys.first!) || run.errors.contains("HOST:PORT"))
        #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/data"))
        #expect(!run.errors.contains("short"))
    }

    @Test(
        "a database that cannot be named or reached is told with the setting that names it",
        arguments: [
            ("foo", 2, "cannot be read"), ("host=x pasword=hidden", 2, "cannot be read"),
            ("postgresql://127.0.0.1:1/x?connect_timeout=2", 3, "says where it is"),
        ] as [(String, Int32, String)])
    func wrongDatabase(url: String, exitCode: Int32, told: String) async throws {
        for command in ["serve", "migrate", "verify"] {
            let byVariable = try await Command.run([command], as: nil, environment: ["PURSER_DATABASE_URL": url])
            byVariable.expect(exitCode, output: false)
            #expect(byVariable.errors.contains("PURSER_DATABASE_URL \(told)"), "\(byVariable.errors)")
            let byOption = try await Command.run([command, "--database-url", url], as: nil)
            byOption.expect(exitCode, output: false)
            #expect(byOption.errors.contains("--database-url \(told)"), "\(byOption.errors)")
            #expect(!(byVariable.errors + byOption.errors).contains("hidden"))
        }
    }

    @Test("https to a server of plain http, and http to a secure one, is told with the setting that says which")
    func otherScheme() async throws {
        let plain = try await PurserServer.shared.url.replacing("http://", with: "https://")
        let secure = try await Command.run(["team", "list"], as: Client(url: plain, token: "x"))
        secure.expect(3, output: false)
        #expect(secure.errors.contains("If the server speaks plain HTTP, PURSER_URL must begin with http://."))
        // Many secure servers end a connection that does not begin as theirs do.
        let ending = try await FlakyProxy(to: PurserServer.shared.url, .empty, cuts: .max)
        defer { ending.close() }
        let other = try await Command.run(["team", "list"], as: Client(url: ending.url, token: "x"))
        other.expect(3, output: false)
        #expect(other.errors.contains("If the server speaks HTTPS, PURSER_URL must begin with https://."))
    }
}
