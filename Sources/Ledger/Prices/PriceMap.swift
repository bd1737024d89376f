import Accounting
import JSON

/// The community price map of litellm (`model_prices_and_context_window.json`), read into files of the price book.
///
/// What it says of text and embedding models priced by the token is taken over figure by figure, as
/// `scripts/pricing-from-map.py` does for the folder `pricing`, but of every provider. Parsing is pure.
package struct PriceMap: Sendable {
    /// One a provider, by name, their models by name.
    package let files: [PriceFile]
    /// In the order of the map.
    package let skipped: [Skipped]
    package let warnings: [Warning]

    /// An entry of the map that was left out.
    package struct Skipped: Sendable, Equatable {
        /// As the map names it.
        package let model: String
        package let reason: String
    }

    /// A model that was taken without some of the fields that seem to be about its price.
    package struct Warning: Sendable, Equatable {
        package let model: String
        package let fields: [String]
    }

    private static let source = "the price map of litellm (MIT), field for field"

    /// Nothing is booked that happened longer ago, so that a model retired before is not needed.
    private static let oldestCallDays = 400

    /// - Parameter today: the day it was taken, as far as is known.
    /// - Throws: only where it is not a JSON object; an entry that cannot be taken exactly is skipped.
    package static func parse(_ bytes: [UInt8], today: CalendarDay) throws(JSONFailure) -> PriceMap {
        let root = try JSONDocument(bytes).root
        guard root.kind == .object else {
            throw .invalid([FieldError(pointer: "", detail: "must be an object with a field for each model")])
        }
        let retiredBefore = CalendarDay(daysSince1970: today.daysSince1970 - oldestCallDays)
        var reader = PriceMapReader(retiredBefore: retiredBefore)
        for (name, value) in root.fields { reader.add(name, value) }
        return reader.map(source: source, retrieved: today)
    }

    init(files: [PriceFile], skipped: [Skipped], warnings: [Warning]) {
        self.files = files
        self.skipped = skipped
        self.warnings = warnings
    }
}
