import Wording

/// A word on the command line where a command is expected, and that is none.
struct UnknownCommand: Equatable {
    let word: String
    /// The command whose subcommand it should be, such as `purser budget`.
    let parent: String
    let known: [String]

    init?(in arguments: [String]) {
        guard let options = CommandOptions(of: arguments), !options.subcommands.isEmpty,
            let word = options.rest.first, !word.hasPrefix("-"), word != "help"
        else { return nil }
        self.word = word
        parent = options.command
        known = options.subcommands
    }

    var failure: CommandFailure {
        let nearest = EditDistance.nearest(to: word, among: known, atMost: (word.count + 1) / 2)
        let help = nearest.map { "Did you mean \($0)?" } ?? "There are: \(Phrase.all(known))."
        return CommandFailure(
            .usage, "\(PrintableText.of(word)) is not a command of \(parent). \(help)", "See: \(parent) --help")
    }
}
