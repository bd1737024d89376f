import Accounting
import ArgumentParser
import Glibc
import Pricing
import Wording

/// `purser price convert`: converts the community price map into files of the price book. The files in `pricing/` were
/// made this way.
struct PriceConvert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Write the price map of litellm as files of the price book.",
        discussion: """
            One file a provider, over those that are there. What could not be taken is told with the reason. The same \
            map and options write the same bytes.

            Example: purser price convert model_prices_and_context_window.json \\
              --release 1.109.1 --retrieved 2026-11-21 --output pricing
            """, shouldDisplay: false)

    @Argument(help: "The map; - for standard input.", completion: .file())
    var map: String

    @Option(help: "The release of litellm that it is from.")
    var release: String

    @Option(help: ArgumentHelp("The day on which it was taken.", valueName: "date"), transform: CalendarDay.argument)
    var retrieved: CalendarDay

    @Option(name: [.customShort("o"), .long], help: "The folder for the files.", completion: .directory)
    var output: String

    func run() throws {
        let bytes = try InputFile(path: map).readWhole(limit: PriceImport.maximumBytes)
        let map: PriceMap
        do {
            map = try PriceMap.parse(bytes, today: retrieved, release: release)
        } catch {
            throw CommandFailure(.refused, "\(self.map) is not the price map of litellm.")
        }
        for skipped in map.skipped {
            StandardError.writeLine(PrintableText.of("skipped \(skipped.model): \(skipped.reason)"))
        }
        for warning in map.warnings {
            let parts = [("not taken", warning.fields), ("without binary noise", warning.shortened)].filter {
                !$1.isEmpty
            }
            let text = parts.map { "\($0): \($1.joined(separator: ", "))" }.joined(separator: "; ")
            StandardError.writeLine(PrintableText.of("\(warning.model): \(text)"))
        }
        for file in map.files {
            try AtomicFile(path: "\(output)/\(file.provider).yaml").write(Array(file.text.utf8))
            let prices = file.models.reduce(0) { $0 + $1.prices.count }
            try StandardOutput.writeLine(
                "\(file.provider).yaml: \(Phrase.count(file.models.count, "model")), \(Phrase.count(prices, "price"))")
        }
    }
}
