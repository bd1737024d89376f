import ArgumentParser
import JSON

/// A command's name and the options it takes, as ArgumentParser describes them.
struct CommandOptions {
    struct Option {
        /// With their dashes, such as `--limit`.
        var names: [String]
        var takesValue: Bool
        /// Whether its value may begin with a dash.
        var takesAnyValue: Bool
    }

    /// Such as `purser budget set`.
    private(set) var command: String
    private(set) var options: [Option]
    let positionals: [String]
    /// The names of the commands below it that help shows.
    let subcommands: [String]
    /// The words that are left after the command's own name.
    private(set) var rest: ArraySlice<String>

    var names: [String] { options.flatMap(\.names) }

    /// What ArgumentParser tells of all commands. It takes long to make, and is always the same.
    private static let help = (try? JSONDocument(text: Purser._dumpHelp()))?.root["command"]

    /// The options of the command that `arguments` begin with.
    init?(of arguments: [String]) {
        guard var description = Self.help else { return nil }
        command = "purser"
        rest = arguments[...]
        while let word = rest.first,
            let subcommand = description["subcommands"]?.elements.first(where: { $0["commandName"]?.string == word })
        {
            command += " \(word)"
            description = subcommand
            rest.removeFirst()
        }
        subcommands = Self.commands(below: description).filter { $0["shouldDisplay"]?.bool != false }.compactMap {
            $0["commandName"]?.string
        }.filter { $0 != "help" }
        // The command below it that is meant where none is named.
        if let meant = description["defaultSubcommand"]?.string {
            description = Self.commands(below: description).first { $0["commandName"]?.string == meant } ?? description
        }
        let described = description["arguments"].map { Array($0.elements) } ?? []
        options = described.filter { $0["names"] != nil }.map(Option.init)
        options.append(Option(names: ["--version"], takesValue: false, takesAnyValue: false))
        positionals = described.filter { $0["names"] == nil }.compactMap { $0["valueName"]?.string }
    }

    private static func commands(below description: JSONValue) -> [JSONValue] {
        description["subcommands"].map { Array($0.elements) } ?? []
    }

    func option(_ name: some StringProtocol) -> Option? { options.first { $0.names.contains(String(name)) } }
}

extension CommandOptions.Option {
    fileprivate init(_ description: JSONValue) {
        names = (description["names"].map { Array($0.elements) } ?? []).map { name in
            (name["kind"]?.string == "long" ? "--" : "-") + (name["name"]?.string ?? "")
        }
        takesValue = description["kind"]?.string == "option"
        takesAnyValue = description["parsingStrategy"]?.string == "unconditional"
    }
}
