import ArgumentParser
import Testing

@testable import purser

@Suite struct CommandOptionsTests {
    private static func names(_ command: any ParsableCommand.Type) -> [[String]] {
        let name = command._commandName
        let subcommands = command.configuration.subcommands
        return subcommands.isEmpty ? [[name]] : subcommands.flatMap { names($0).map { [name] + $0 } }
    }

    private static let commands = names(Purser.self).map { Array($0.dropFirst()) }

    @Test("an option that takes a number takes one below zero, and says what is wrong with it", arguments: commands)
    func negativeNumbers(command: [String]) async throws {
        let known = try #require(CommandOptions(of: command))
        for option in known.options where option.takesValue && !option.takesAnyValue {
            let name = option.names[0]
            let refusesText = await Self.isRefused(command + [name, "x"], name)
            let refusesNumbers = await Self.isRefused(command + [name, "1"], name)
            #expect(!refusesText || refusesNumbers, "\(known.command) \(name)")
        }
    }

    /// Whether the option's value, rather than something else, is what is wrong with a line.
    private static func isRefused(_ line: [String], _ name: String) async -> Bool {
        do {
            _ = try await Purser.parsed(line)
            return false
        } catch {
            return CommandEnd(of: error).standardError.contains("is invalid for '\(name)")
        }
    }

    @Test(
        "what is no option is found before what its absence leads to",
        arguments: [
            ("budget set x --limt 5", "--limt", "--limit"), ("budget set --taem=t x --limit 5", "--taem", "--team"),
            ("budget set x --team t --limit -5 --sotf", "--sotf", "--soft"), ("budget list -o json", "-o", "--output"),
            ("report monthly --fomrat csv -o f", "--fomrat", "--format"), ("quote m --zzzzzzzz 5", "--zzzzzzzz", nil),
            ("usage tail -x", "-x", nil),
        ] as [(String, String, String?)])
    func unknown(line: String, name: String, nearest: String?) throws {
        let unknown = try #require(UnknownOption(in: line.split(separator: " ").map(String.init)))
        #expect(unknown.name == name && unknown.nearest == nearest)
    }

    @Test(
        "values, what follows two dashes, and options that are there are no unknown options",
        arguments: [
            "budget set x --team t --limit -5", "budget set x -- --limt", "usage import -",
            "report monthly -o=-f --help",
            "budget list --output csv --version", "report monthly -ofile", "nonsense",
        ])
    func known(line: String) {
        #expect(UnknownOption(in: line.split(separator: " ").map(String.init)) == nil)
    }

    @Test("every listing takes --output, and no short form of it", arguments: commands)
    func listings(command: [String]) throws {
        let known = try #require(CommandOptions(of: command))
        guard command.last == "list" else { return }
        #expect(known.option("--output") != nil && known.option("-o") == nil)
    }
}
