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
    package let source: String
    /// The day the figures were taken, `YYYY-MM-DD`.
    package let retrieved: String
    package let models: [Model]

    package struct Model: Sendable, Equatable {
        package let name: String
        package let aliases: [String]
        package let maxInputTokens: Int64?
        /// 0 for an embedding, which has no output.
        package let maxOutputTokens: Int64?
        package let prices: [PriceLine]
    }

    /// One rate, as the price book stores it.
    package struct PriceLine: Sendable, Equatable {
        package let meter: String
        package var serviceTier: String
        /// The rate holds for prompts of strictly more tokens than this; 0 without a threshold.
        package let aboveContextTokens: Int64
        /// Empty if the rate holds in every region.
        package var region = ""
        /// In UTC, as `WeeklyHours` writes them; empty if the rate holds at all hours.
        package var hours = ""
        /// In 1e-15 USD for one token or one non-token unit. 0 only if the file says `free: true`.
        package var femtodollarsPerUnit: Int64
        /// What a call that uses any of the meter is charged for at the least; nil if the file does not say.
        package var leastQuantity: Int64?
        package let validFrom: Timestamp
        /// Exclusive: its own `until`, or else the `from` of the next entry.
        package let validUntil: Timestamp?

        /// The rate dimensions of a price. Two lines with the same dimensions cannot stand beside each other.
        package struct Place: Hashable {
            let meter: String
            let serviceTier: String
            let aboveContextTokens: Int64
            let region: String
            let hours: String
        }

        package var place: Place {
            Place(
                meter: meter, serviceTier: serviceTier, aboveContextTokens: aboveContextTokens, region: region,
                hours: hours)
        }
    }

    /// The file with other spellings of its models' names.
    package func spelled(_ spelling: (String) -> String) -> PriceFile {
        PriceFile(
            provider: provider, isMaker: isMaker, source: source, retrieved: retrieved,
            models: models.map { model in
                Model(
                    name: spelling(model.name), aliases: model.aliases, maxInputTokens: model.maxInputTokens,
                    maxOutputTokens: model.maxOutputTokens, prices: model.prices)
            })
    }

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
