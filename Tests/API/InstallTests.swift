import Foundation
import JSON
import Testing

/// `make install`, with the program under test in place of a release build.
@Suite struct InstallTests {
    private static let folder = Task {
        let directory = try ScratchDirectory()
        let make = try ChildProcess(
            "/usr/bin/make",
            [
                "-C", PurserBinary.repository, "install", "PURSER=\(PurserBinary.path)", "DESTDIR=\(directory.path)",
                "PREFIX=/usr",
            ], environment: PurserBinary.environment([:]), output: "\(directory.path)/out",
            errors: "\(directory.path)/err")
        let end = try await make.ended(atMostSeconds: 120)
        try #require(end.exitCode == 0, "\(directory.text("err"))")
        return directory
    }

    @Test("installs the program, which finds its data from there, and completions for three shells")
    func files() async throws {
        let folder = try await Self.folder.value
        let share = "\(folder.path)/usr/share"
        for path in [
            "purser/migrations/0001_foundation.sql", "purser/reports/monthly.sql", "purser/docs/openapi.json",
            "bash-completion/completions/purser", "zsh/site-functions/_purser", "fish/vendor_completions.d/purser.fish",
        ] {
            #expect(FileManager.default.fileExists(atPath: "\(share)/\(path)"), "\(path)")
        }
        #expect(FileManager.default.isExecutableFile(atPath: "\(folder.path)/usr/bin/purser"))
    }

    @Test("installs a man page for each command, with its options and examples")
    func manual() async throws {
        let folder = try await Self.folder.value
        let dump = try await Command.run(["--experimental-dump-help"], as: nil)
        let root = try #require(try JSONDocument(text: dump.output).root["command"])
        let names = Self.names(of: root, [])
        let pages = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/usr/share/man/man1")
        #expect(names.count > 40 && Set(pages) == Set(names.map { "\($0).1" }))
        let page = folder.text("usr/share/man/man1/purser-budget-set.1")
        #expect(page.hasPrefix(".TH \"PURSER-BUDGET-SET\" 1"))
        #expect(page.contains("\n.TP\n\\-\\-limit <usd>\nMoney in USD.\n"))
        let tasks = folder.text("usr/share/man/man1/purser-budget.1")
        #expect(tasks.contains(".PP\nCap every agent run:\n.RS 2\n.nf\npurser budget set runs "), "\(tasks)")
        #expect(page.contains("\npurser budget set team/search \\-\\-team search \\-\\-limit 500"))
    }

    private static func names(of command: JSONValue, _ parents: [String]) -> [String] {
        let words = parents + [command["commandName"]?.string ?? ""]
        let below = command["subcommands"].map { Array($0.elements) } ?? []
        return [words.joined(separator: "-")]
            + below.filter { $0["commandName"]?.string != "help" }.flatMap { names(of: $0, words) }
    }
}
