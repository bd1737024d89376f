import Accounting
import JSON

/// The community price map of litellm (`model_prices_and_context_window.json`), read into files of the price book.
///
/// What it says of models priced by the token, or by a piece that Purser has a meter for, is taken over figure by
/// figure. The folder `pricing` is made in this way too. Parsing is pure.
package struct PriceMap: Sendable {
    /// One a provider, by name, their models by name.
    package let files: [PriceFile]
    /// What each name of the map that was taken became.
    package let names: [String: ModelName]
    /// In the order of the map.
    package let skipped: [Skipped]
    package let warnings: [Warning]

    /// An entry of the map that was left out.
    package struct Skipped: Sendable, Equatable {
        /// As the map names it.
        package let model: String
        package let reason: String
    }

    /// A model that was not taken quite as it stands there.
    package struct Warning: Sendable, Equatable {
        package let model: String
        /// What seems to be about its price and was not taken.
        package let fields: [String]
        /// Fields that were taken without the binary noise at the end of their figures.
        package let shortened: [String]
    }

    /// - Parameters:
    ///   - today: the day it was taken, as far as is known.
    ///   - release: of litellm, where it is known.
    /// - Throws: where it is not a JSON object, or far too large; an entry that cannot be taken exactly is skipped.
    package static func parse(_ bytes: [UInt8], today: CalendarDay, release: String? = nil) throws(JSONFailure)
        -> PriceMap
    {
        let root = try JSONDocument(bytes).root
        guard root.kind == .object else {
            throw .invalid([FieldError(pointer: "", detail: "must be an object with a field for each model")])
        }
        var reader = PriceMapReader()
        for (name, value) in root.fields { reader.add(name, value) }
        let map = ["the price map of litellm", release, "(MIT)"].compactMap(\.self).joined(separator: " ")
        return try reader.map(source: "\(map), field for field", retrieved: today)
    }

    init(files: [PriceFile], names: [String: ModelName], skipped: [Skipped], warnings: [Warning]) {
        self.files = files
        self.names = names
        self.skipped = skipped
        self.warnings = warnings
    }
}
