import Accounting
import ArgumentParser
import Glibc
import Ledger
import Pricing
import Wording

/// `purser price convert`: makes files of the price book from the figures of others. The files in `pricing/` were made
/// this way.
struct PriceConvert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Write the figures of litellm and genai-prices as files of the price book.",
        discussion: """
            One file a provider, over those that are there. What could not be taken is told with the reason. The same \
            figures and options write the same bytes. Where both have a price, the one that says when it began decides, \
            else the dearer one; the other stands beside it as disputed.

            Example:
              purser price convert map.json --release 1.109.1 \\
                --catalogue data.json --catalogue-release 0.2.3 \\
                --pages pricing/pages --retrieved 2026-11-28 --output pricing
            """)

    @Argument(help: "The price map of litellm; - for standard input.", completion: .file())
    var map: String

    @Option(help: "The release of litellm that it is from.")
    var release: String

    @Option(help: "The catalogue of genai-prices (data.json).", completion: .file())
    var catalogue: String?

    @Option(help: "The release of genai-prices that it is from.")
    var catalogueRelease: String?

    @Option(help: "A folder with files of providers' own pages, which decide.", completion: .directory)
    var pages: String?

    @Option(
        help: ArgumentHelp("The day on which the figures were taken.", valueName: "date"),
        transform: CalendarDay.argument)
    var retrieved: CalendarDay

    @Option(help: "What the release of the book is called; the day with points unless given.")
    var bookVersion: String?

    @Option(name: [.customShort("o"), .long], help: "The folder for the files.", completion: .directory)
    var output: String

    func validate() throws {
        if (catalogue == nil) != (catalogueRelease == nil) {
            throw ValidationError("--catalogue and --catalogue-release belong together.")
        }
    }

    func run() throws {
        let map = try litellm()
        var inputs = [PriceMerge.Input(key: PriceCatalogueKind.litellm.rawValue, files: map.files)]
        var sources = [map.coverage(release: release)]
        if let catalogue, let catalogueRelease {
            let read = try genaiPrices(catalogue, catalogueRelease)
            inputs.append(PriceMerge.Input(key: PriceCatalogueKind.genaiPrices.rawValue, files: read.files))
            sources.append(read.coverage(release: catalogueRelease))
        }
        if let pages {
            let files = try ResourceDirectory(path: pages).files(in: ".", ending: ".yaml").map {
                try PriceFile.parse($0.text, fileName: $0.name)
            }
            inputs.insert(PriceMerge.Input(key: "pages", files: files, isOwnPages: true), at: 0)
        }
        let bookRelease = PriceRelease(
            version: bookVersion ?? PriceRelease.version(of: retrieved), date: retrieved, sources: sources)
        try AtomicFile(path: "\(output)/\(PriceRelease.fileName)").write(Array(bookRelease.text.utf8))
        for file in PriceMerge(inputs, on: retrieved).files {
            try AtomicFile(path: "\(output)/\(file.provider).yaml").write(Array(file.text.utf8))
            let prices = file.models.reduce(0) { $0 + $1.prices.count }
            let disputed = file.models.reduce(0) { $0 + $1.disputed.count }
            try StandardOutput.writeLine(
                "\(file.provider).yaml: \(Phrase.count(file.models.count, "model")), "
                    + "\(Phrase.count(prices, "price"))\(disputed == 0 ? "" : ", \(disputed) disputed")")
        }
    }

    private func litellm() throws -> PriceMap {
        let parsed = try read(map, as: "the price map of litellm") {
            try PriceMap.parse($0, today: retrieved, release: release)
        }
        tell(parsed.skipped, parsed.warnings)
        return parsed
    }

    private func genaiPrices(_ path: String, _ release: String) throws -> PriceCatalogue {
        let parsed = try read(path, as: "the catalogue of genai-prices") {
            try PriceCatalogue.parse($0, retrieved: retrieved, release: release)
        }
        tell(parsed.skipped, parsed.warnings)
        return parsed
    }

    private func read<Source>(_ path: String, as what: String, _ parse: ([UInt8]) throws -> Source) throws -> Source {
        let bytes = try InputFile(path: path).readWhole(limit: PriceImport.maximumBytes)
        do {
            return try parse(bytes)
        } catch {
            throw CommandFailure(.refused, "\(path) is not \(what).")
        }
    }

    private func tell(_ skipped: [PriceMap.Skipped], _ warnings: [PriceMap.Warning]) {
        for skipped in skipped {
            StandardError.writeLine(PrintableText.of("skipped \(skipped.model): \(skipped.reason)"))
        }
        for warning in warnings {
            let parts = [("not taken", warning.fields), ("without binary noise", warning.shortened)].filter {
                !$1.isEmpty
            }
            let text = parts.map { "\($0): \($1.joined(separator: ", "))" }.joined(separator: "; ")
            StandardError.writeLine(PrintableText.of("\(warning.model): \(text)"))
        }
    }
}
