import Accounting
import JSON

/// The community price map of litellm (`model_prices_and_context_window.json`), read into files of the price book.
///
/// Prices of tokens, and of non-token units that Purser has a meter for, are taken over figure by figure. The folder
/// `pricing` is made in this way too. Parsing has no side effects.
package struct PriceMap: Sendable {
    /// One file per provider, sorted by name; the models in a file are sorted by name too.
    package let files: [PriceFile]
    /// The model that each accepted name of the map became.
    package let names: [String: ModelName]
    /// In the order of the map.
    package let skipped: [Skipped]
    package let warnings: [Warning]

    /// An entry of the map that was left out.
    package struct Skipped: Sendable, Equatable {
        /// The name in the map.
        package let model: String
        package let reason: String
    }

    /// A model that was taken over with a deviation from the map.
    package struct Warning: Sendable, Equatable {
        package let model: String
        /// Fields that seem to concern the price and were not taken over.
        package let fields: [String]
        /// Fields whose figures were taken over without the binary floating-point noise in their last digits.
        package let shortened: [String]

        package var message: String {
            let notTaken = fields.isEmpty ? nil : "fields that seem to concern the price were not taken"
            let noise = shortened.isEmpty ? nil : "figures were taken without the noise in their last digits"
            return "Of \(model), \([notTaken, noise].compactMap(\.self).joined(separator: "; "))."
        }
    }

    /// - Parameters:
    ///   - today: the day the map was retrieved, as far as is known.
    ///   - release: the release of litellm, if known.
    /// - Throws: an error if the map is not a JSON object, or far too large. An entry that cannot be taken over exactly
    ///   is skipped.
    package static func parse(_ bytes: [UInt8], today: CalendarDay, release: String? = nil) throws(JSONFailure)
        -> PriceMap
    {
        let root = try JSONDocument(bytes).root
        guard root.kind == .object else {
            throw .invalid([FieldError(pointer: "", detail: "must be an object with a field for each model")])
        }
        var reader = PriceMapReader()
        for (name, value) in root.fields { reader.add(name, value) }
        let map = [PriceCatalogueKind.litellm.beginning, release, "(MIT)"].compactMap(\.self).joined(separator: " ")
        return try reader.map(source: "\(map), field for field", retrieved: today)
    }

    /// How many of its models have a price.
    package func coverage(release: String?) -> PriceRelease.Source {
        PriceRelease.Source(
            name: [PriceCatalogueKind.litellm.rawValue, release].compactMap(\.self).joined(separator: " "),
            listedModels: Int64(names.count + skipped.count), pricedModels: Int64(names.count))
    }

    init(files: [PriceFile], names: [String: ModelName], skipped: [Skipped], warnings: [Warning]) {
        self.files = files
        self.names = names
        self.skipped = skipped
        self.warnings = warnings
    }
}
