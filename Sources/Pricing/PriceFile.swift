import Yams

/// What one file of the price book says: a provider's models and their effective-dated prices.
///
/// The format is told in `pricing/README.md`. Parsing is pure: one text in, values or one error out.
package struct PriceFile: Sendable, Equatable {
    package let provider: String
    /// Whether a bare model name of this file means this provider's own API, rather than a model it hosts; nil where
    /// the source does not say.
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
        /// Empty for everywhere.
        package var region = ""
        /// In UTC, as `WeeklyHours` writes them; empty for always.
        package var hours = ""
        /// 1e-15 USD for one token or one piece. 0 only where the file says `free: true`.
        package var femtodollarsPerUnit: Int64
        /// The first day it holds, from midnight UTC, `YYYY-MM-DD`.
        package let validFrom: String
        /// The first day it no longer holds: its own `until`, or else the `from` of the next entry.
        package let validUntil: String?

        /// What one price is of: two lines of one place cannot stand beside each other.
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

    /// The most text a file may have.
    package static let maximumBytes = 8 << 20

    /// Reads one file of the price book.
    ///
    /// - Parameter fileName: only names the file in an error.
    /// - Throws: the first thing wrong with it, with its line and path. Nothing unknown is passed over.
    package static func parse(_ text: String, fileName: String) throws(PriceFileError) -> PriceFile {
        guard text.utf8.count <= maximumBytes else {
            throw PriceFileError(fileName: fileName, line: nil, path: "", problem: "is larger than 8 MiB")
        }
        // An alias lets a few lines stand for millions, and the YAML reader follows it before it can be seen.
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
        return try PriceFile(PriceNode(root, fileName: fileName))
    }
}
