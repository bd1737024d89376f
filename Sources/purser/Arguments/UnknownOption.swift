import Wording

/// An option on the command line that its command does not have.
///
/// ArgumentParser looks for those last: it would say that an option is missing where that option is misspelt.
struct UnknownOption: Equatable {
    let name: String
    let command: String
    let nearest: String?

    /// The first one on a command line.
    init?(in arguments: [String]) {
        guard let known = CommandOptions(of: arguments) else { return nil }
        var rest = known.rest
        while let word = rest.popFirst(), word != "--" {
            guard word.hasPrefix("-"), word != "-" else { continue }
            let name = String(word.prefix { $0 != "=" })
            guard let option = known.option(name) else {
                // Several short options may share one dash, and a value may follow without a space.
                if !name.hasPrefix("--"), known.option(name.prefix(2)) != nil { continue }
                (self.name, command) = (name, known.command)
                nearest = Self.nearest(to: name, among: known.names)
                return
            }
            let isNextValue = option.takesAnyValue || rest.first?.hasPrefix("-") == false
            if option.takesValue, name == word, isNextValue { rest = rest.dropFirst() }
        }
        return nil
    }

    var failure: CommandFailure {
        let suggestion = nearest.map { " Did you mean \($0)?" } ?? ""
        return CommandFailure(
            .usage, "\(name) is not an option of \(command).\(suggestion)", "See: \(command) --help")
    }

    /// The known option that was probably meant; for a letter the one that begins with it.
    private static func nearest(to name: String, among names: [String]) -> String? {
        guard name.hasPrefix("--") else { return names.first { $0.hasPrefix("-" + name.prefix(2)) } }
        return EditDistance.nearest(to: name, among: names, atMost: maximumDistance)
    }

    private static let maximumDistance = 3
}
