import Accounting
import Yams

/// The contents of one file of the price book: a provider's models and their effective-dated prices.
///
/// `pricing/README.md` describes the format. Parsing has no side effects: it turns one text into values or one error.
package struct PriceFile: Sendable, Equatable {
    package let provider: String
    /// Whether a model name without a provider means this provider's own API, because it makes its models and does not
    /// only host them; nil if the source does not say.
    package let isMaker: Bool?
    /// At least one. Entries that name none are of the first.
    package let sources: [Source]
    package let models: [Model]

    /// Where figures come from.
    package struct Source: Sendable, Equatable {
        /// The name by which an entry refers to the source; empty for the only source of a file.
        package let key: String
        package let figures: String
        /// The day the figures were taken, `YYYY-MM-DD`; empty where `figures` says it.
        package let retrieved: String

        package init(key: String = "", figures: String, retrieved: String) {
            self.key = key
            self.figures = figures
            self.retrieved = retrieved
        }

        /// A source as it stands with a price of the book, under that text as its key.
        init(stored text: String) { self.init(key: text, figures: text, retrieved: "") }

        /// As it stands with each price of the book.
        package var text: String { retrieved.isEmpty ? figures : "\(figures) (\(retrieved))" }
    }

    package struct Model: Sendable, Equatable {
        package let name: String
        package var aliases: [String]
        package let maxInputTokens: Int64?
        /// 0 for an embedding, which has no output.
        package let maxOutputTokens: Int64?
        /// When the provider stops to serve the model, as far as the source knows. Its last prices stay.
        package var retired: CalendarDay?
        package let prices: [PriceLine]
        /// What other sources say instead of prices that hold. They charge nobody.
        package var disputed: [PriceLine] = []

        package init(
            name: String, aliases: [String], maxInputTokens: Int64?, maxOutputTokens: Int64?,
            retired: CalendarDay? = nil, prices: [PriceLine], disputed: [PriceLine] = []
        ) {
            (self.name, self.aliases, self.retired) = (name, aliases, retired)
            (self.maxInputTokens, self.maxOutputTokens) = (maxInputTokens, maxOutputTokens)
            (self.prices, self.disputed) = (prices, disputed)
        }
    }

    /// The file with other spellings of its models' names.
    package func spelled(_ spelling: (String) -> String) -> PriceFile {
        PriceFile(
            provider: provider, isMaker: isMaker, sources: sources,
            models: models.map { model in
                Model(
                    name: spelling(model.name), aliases: model.aliases, maxInputTokens: model.maxInputTokens,
                    maxOutputTokens: model.maxOutputTokens, retired: model.retired, prices: model.prices,
                    disputed: model.disputed)
            })
    }

    /// The source of a line, as it stands with each price of the book.
    package func sourceText(of line: PriceLine) -> String {
        (sources.first { $0.key == line.source } ?? sources[0]).text
    }

    /// From when a price holds whose source does not say since when: before any call that can be reported.
    package static let beginning = CalendarDay(year: 2020, month: 1, day: 1)!.startUTC

    /// The largest size of a file.
    package static let maximumBytes = 8 << 20

    /// Reads one file of the price book.
    ///
    /// - Parameters:
    ///   - fileName: only names the file in an error.
    ///   - pricedMeters: the meters that the price book has. A meter that is neither there nor known to Purser nor declared
    ///     in the file, and nearly has the name of one that is, is an error then. Nil takes any well-formed name.
    /// - Throws: the first error in the text, with its line and path. An unknown field is an error too.
    package static func parse(
        _ text: String, fileName: String, pricedMeters: Set<String>? = nil
    ) throws(PriceFileError) -> PriceFile {
        guard text.utf8.count <= maximumBytes else {
            throw PriceFileError(fileName: fileName, line: nil, path: "", problem: "is larger than 8 MiB")
        }
        // YAML aliases can make a few lines stand for millions, and the YAML reader expands them before this code could
        // notice.
        if let star = text.utf8.firstIndex(of: UInt8(ascii: "*")) {
            let line = text.utf8[..<star].count { $0 == UInt8(ascii: "\n") } + 1
            throw PriceFileError(fileName: fileName, line: line, path: "", problem: "has a *, YAML's mark of an alias")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw PriceFileError(fileName: fileName, yaml: error)
        }
        guard let root else {
            throw PriceFileError(fileName: fileName, line: 1, path: "", problem: "is empty")
        }
        return try PriceFile(PriceNode(root, fileName: fileName), pricedMeters: pricedMeters)
    }
}
