import Accounting
import JSON

/// Collects the entries of the price map by provider and model, then makes files of them.
struct PriceMapReader {
    private var entries: [ModelName: PriceMapEntry] = [:]
    /// In the order in which the map first named them.
    private var order: [(name: ModelName, provider: PriceMapProvider)] = []
    private var names: [String: ModelName] = [:]
    private var skipped: [PriceMap.Skipped] = []

    mutating func add(_ fullName: String, _ value: JSONValue) {
        do throws(PriceMapEntry.Skip) {
            let entry = try PriceMapEntry(fullName: fullName, value)
            let provider = try entry.provider
            let name = ModelName(provider: provider.name, model: provider.bareName(fullName))
            guard PriceFile.isName(name.model) else { throw PriceMapEntry.Skip("a name Purser does not take") }
            names[fullName] = name
            if entries[name] == nil { order.append((name, provider)) }
            entries[name, default: entry].merge(entry)
        } catch {
            skip(fullName, error)
        }
    }

    private mutating func skip(_ fullName: String, _ error: PriceMapEntry.Skip) {
        // The map's names have no limit of length, so they are cut before they are repeated.
        skipped.append(PriceMap.Skipped(model: String(fullName.prefix(256)), reason: error.reason))
    }

    /// About twelve times as many as the map had in November 2026. A few factors for regions can make many prices.
    private static let maximumPrices = 200_000

    /// - Throws: an error if the map has more prices than should be held in memory.
    consuming func map(source: String, retrieved: CalendarDay) throws(JSONFailure) -> PriceMap {
        var models: [String: [PriceFile.Model]] = [:]
        var priceCount = 0
        var leftOut: Set<ModelName> = []
        var makers: Set<String> = []
        var warnings: [PriceMap.Warning] = []
        for (name, provider) in order {
            let entry = entries[name]!
            do throws(PriceMapEntry.Skip) {
                let (model, warning) = try Self.model(name, entry, of: provider)
                priceCount += model.prices.count
                models[name.provider, default: []].append(model)
                if provider.isMaker == true { makers.insert(name.provider) }
                if let warning { warnings.append(warning) }
            } catch {
                skip(entry.fullName, error)
                leftOut.insert(name)
            }
            guard priceCount <= Self.maximumPrices else {
                let detail = "has more than \(Self.maximumPrices) prices"
                throw .invalid([FieldError(pointer: "", detail: detail)])
            }
        }
        names = names.filter { !leftOut.contains($0.value) }
        let sold = Dictionary(grouping: entries) { $0.key.provider }
        let files = models.keys.sorted().map { provider in
            PriceFile(
                provider: provider, isMaker: makers.contains(provider) ? true : nil,
                sources: [
                    PriceFile.Source(
                        figures: Self.source(source, of: provider, sold[provider]!.map(\.value)),
                        retrieved: retrieved.description)
                ], models: models[provider]!.sorted { $0.name < $1.name })
        }
        return PriceMap(files: files, names: names, skipped: skipped, warnings: warnings)
    }

    private static func model(
        _ name: ModelName, _ entry: PriceMapEntry, of provider: PriceMapProvider
    ) throws(PriceMapEntry.Skip) -> (model: PriceFile.Model, warning: PriceMap.Warning?) {
        let prices = try entry.prices(isKnownToBeFree: isKnownToBeFree(name), of: provider)
        let model = PriceFile.Model(
            name: name.model, aliases: [], maxInputTokens: try entry.tokenCount("max_input_tokens"),
            maxOutputTokens: entry.hasNoOutputTokens ? 0 : try entry.tokenCount("max_output_tokens"),
            retired: entry["deprecation_date"]?.string.flatMap { CalendarDay(text: $0) }, prices: prices.lines)
        var uncarried = entry.fields.keys.filter { field in
            !prices.carried.contains(field) && isAboutPrice(field) && entry.says(field)
        }
        for (name, value) in entry["provider_specific_entry"]?.fields.map({ $0 }) ?? [] {
            let field = "provider_specific_entry.\(name)"
            if value.kind == .number, !prices.carried.contains(field) { uncarried.append(field) }
        }
        // In a model with other prices, tokens with a price of 0 are left without a price.
        let isFree = prices.lines.allSatisfy { $0.femtodollarsPerUnit == 0 }
        for field in ["input_cost_per_token", "output_cost_per_token"] where entry.isZero(field) && !isFree {
            if field.hasPrefix("input") || !entry.hasNoOutputTokens { uncarried.append(field) }
        }
        guard !uncarried.isEmpty || !prices.shortened.isEmpty else { return (model, nil) }
        let warning = PriceMap.Warning(
            model: entry.fullName, fields: uncarried.map { String($0.prefix(128)) }.sorted(),
            shortened: prices.shortened.sorted())
        return (model, warning)
    }

    /// The origin of the figures, with the page they can be checked against.
    private static func source(_ map: String, of provider: String, _ entries: [PriceMapEntry]) -> String {
        let url = PriceMapPages.url(of: provider, sources: entries.compactMap { $0["source"]?.string })
        let page = url.map { "the provider's own page is \($0)" } ?? "it is kept at https://github.com/BerriAI/litellm"
        return "\(map); \(page)"
    }

    /// Google's price page calls Gemma on the Gemini API "free of charge", with no paid tier.
    private static func isKnownToBeFree(_ name: ModelName) -> Bool {
        guard name.provider == "google", name.model.hasPrefix("gemma-") else { return false }
        return name.model.utf8.dropFirst(6).first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    }

    private static func isAboutPrice(_ field: String) -> Bool {
        // These fields repeat a price in DBU, the unit that Databricks sells.
        guard !field.hasSuffix("put_dbu_cost_per_token") else { return false }
        return ["cost", "pricing", "multiplier", "provider_specific_entry"].contains { field.contains($0) }
    }
}
