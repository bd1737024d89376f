import Accounting
import JSON

/// Collects the entries of the price map by provider and model, then makes files of them.
struct PriceMapReader {
    private let retiredBefore: CalendarDay
    private var entries: [ModelName: PriceMapEntry] = [:]
    /// In the order in which the map first named them.
    private var order: [(name: ModelName, isMaker: Bool?)] = []
    private var skipped: [PriceMap.Skipped] = []

    init(retiredBefore: CalendarDay) { self.retiredBefore = retiredBefore }

    mutating func add(_ fullName: String, _ value: JSONValue) {
        do throws(PriceMapEntry.Skip) {
            let entry = try PriceMapEntry(fullName: fullName, value)
            let provider = try entry.provider
            try entry.requireTokenPriced(retiredBefore: retiredBefore)
            let name = ModelName(provider: provider.name, model: provider.bareName(fullName))
            guard PriceFile.isName(name.model) else { throw PriceMapEntry.Skip("a name Purser does not take") }
            if entries[name] == nil { order.append((name, provider.isMaker)) }
            entries[name, default: entry].merge(entry)
        } catch {
            skip(fullName, error)
        }
    }

    private mutating func skip(_ fullName: String, _ error: PriceMapEntry.Skip) {
        // Whatever the map holds is bounded before it is repeated.
        skipped.append(PriceMap.Skipped(model: String(fullName.prefix(256)), reason: error.reason))
    }

    consuming func map(source: String, retrieved: CalendarDay) -> PriceMap {
        var models: [String: [PriceFile.Model]] = [:]
        var makers: Set<String> = []
        var warnings: [PriceMap.Warning] = []
        for (name, isMaker) in order {
            let entry = entries[name]!
            do throws(PriceMapEntry.Skip) {
                let (model, uncarried) = try Self.model(name, entry)
                models[name.provider, default: []].append(model)
                if isMaker == true { makers.insert(name.provider) }
                if !uncarried.isEmpty { warnings.append(PriceMap.Warning(model: entry.fullName, fields: uncarried)) }
            } catch {
                skip(entry.fullName, error)
            }
        }
        let files = models.keys.sorted().map { provider in
            PriceFile(
                provider: provider, isMaker: makers.contains(provider) ? true : nil, source: source,
                retrieved: retrieved.description, models: models[provider]!.sorted { $0.name < $1.name })
        }
        return PriceMap(files: files, skipped: skipped, warnings: warnings)
    }

    private static func model(
        _ name: ModelName, _ entry: PriceMapEntry
    ) throws(PriceMapEntry.Skip) -> (model: PriceFile.Model, uncarried: [String]) {
        let prices = try entry.prices(isKnownToBeFree: isKnownToBeFree(name))
        let model = PriceFile.Model(
            name: name.model, aliases: [], maxInputTokens: try entry.tokenCount("max_input_tokens"),
            // An embedding has no output tokens, whatever its entry repeats there.
            maxOutputTokens: entry.isEmbedding ? 0 : try entry.tokenCount("max_output_tokens"), prices: prices.lines)
        let uncarried = entry.fields.keys.filter { field in
            !prices.carried.contains(field) && isAboutPrice(field) && entry.says(field)
        }
        return (model, uncarried.map { String($0.prefix(128)) }.sorted())
    }

    /// Google's price page calls Gemma on the Gemini API "free of charge", with no paid tier.
    private static func isKnownToBeFree(_ name: ModelName) -> Bool {
        guard name.provider == "google", name.model.hasPrefix("gemma-") else { return false }
        return name.model.utf8.dropFirst(6).first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    }

    private static func isAboutPrice(_ field: String) -> Bool {
        ["cost", "pricing", "multiplier", "provider_specific_entry"].contains { field.contains($0) }
    }
}
