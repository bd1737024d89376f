import Accounting
import JSON

/// The catalogue of genai-prices (its published `data.json`), read into files of the price book.
///
/// Unlike the price map of litellm it has dates: a price that has changed is there with the day, and so is a model that
/// is no longer sold. Parsing has no side effects.
package struct PriceCatalogue: Sendable {
    /// One file per provider, sorted by name; the models in a file are sorted by name too.
    package let files: [PriceFile]
    /// In the order of the catalogue.
    package let skipped: [PriceMap.Skipped]
    package let warnings: [PriceMap.Warning]

    /// How many of its models have a price.
    package func coverage(release: String?) -> PriceRelease.Source {
        let priced = Int64(files.reduce(0) { $0 + $1.models.count })
        return PriceRelease.Source(
            name: [PriceCatalogueKind.genaiPrices.rawValue, release].compactMap(\.self).joined(separator: " "),
            listedModels: priced + Int64(skipped.count), pricedModels: priced)
    }

    /// - Parameters:
    ///   - retrieved: the day the catalogue was taken.
    ///   - release: the release of genai-prices, if known.
    /// - Throws: an error if the catalogue is not a list of providers. A model that cannot be taken over exactly is
    ///   skipped.
    package static func parse(
        _ bytes: [UInt8], retrieved: CalendarDay, release: String? = nil
    ) throws(JSONFailure) -> PriceCatalogue {
        let root = try JSONDocument(bytes).root
        guard root.kind == .array else {
            throw .invalid([FieldError(pointer: "", detail: "must be a list of providers")])
        }
        var reader = PriceCatalogueReader()
        for provider in root.elements { try reader.add(provider) }
        let source = [PriceCatalogueKind.genaiPrices.beginning, release, "(MIT)"].compactMap(\.self).joined(
            separator: " ")
        return reader.catalogue(source: source, retrieved: retrieved)
    }
}

/// Collects the models of the catalogue by provider, then makes files of them.
private struct PriceCatalogueReader {
    private var models: [String: [PriceFile.Model]] = [:]
    private var pages: [String: String] = [:]
    private var makers: Set<String> = []
    private var skipped: [PriceMap.Skipped] = []
    private var warnings: [PriceMap.Warning] = []

    mutating func add(_ provider: JSONValue) throws(JSONFailure) {
        guard let id = provider["id"]?.string, let sold = provider["models"], sold.kind == .array else {
            throw .invalid([FieldError(pointer: "", detail: "has a provider without an id or models")])
        }
        let elements = sold.elements.map { $0 }
        var taken = Set(elements.compactMap { $0["id"]?.string?.lowercased() })
        for element in elements {
            let name = element["id"]?.string ?? ""
            let seller = PriceCatalogueProvider(id: id, model: name)
            do throws(PriceMapEntry.Skip) {
                let model = try PriceCatalogueModel(element, name: name, taken: taken)
                models[seller.name, default: []].append(model.model)
                taken.formUnion(model.model.aliases.map { $0.lowercased() })
                if seller.isMaker { makers.insert(seller.name) }
                if let page = provider["pricing_urls"]?.elements.map({ $0 }).first?.string { pages[seller.name] = page }
                if !model.notTaken.isEmpty {
                    warnings.append(
                        PriceMap.Warning(model: "\(id)/\(name)", fields: model.notTaken.sorted(), shortened: []))
                }
            } catch {
                skipped.append(PriceMap.Skipped(model: "\(id)/\(name.prefix(256))", reason: error.reason))
            }
        }
    }

    consuming func catalogue(source: String, retrieved: CalendarDay) -> PriceCatalogue {
        let files = models.keys.sorted().map { provider in
            PriceFile(
                provider: provider, isMaker: makers.contains(provider) ? true : nil,
                sources: [
                    PriceFile.Source(
                        figures: source + (pages[provider].map { "; the provider's own page is \($0)" } ?? ""),
                        retrieved: retrieved.description)
                ], models: models[provider]!.sorted { $0.name < $1.name })
        }
        return PriceCatalogue(files: files, skipped: skipped, warnings: warnings)
    }
}
