/// All prices in force, and the names models are asked for by.
package struct PriceBook: Sendable {
    package let models: [ModelName: ModelPrices]
    private let namesByModel: [String: [ModelName]]
    private let providers: Set<String>
    private let makers: Set<String>
    private let meterNames: Set<String>

    /// `makers` are the providers whose models may go by their bare name.
    package init(models: [ModelPrices], aliases: [ModelName: ModelName] = [:], makers: Set<String> = []) {
        var byName: [ModelName: ModelPrices] = [:]
        for model in models { byName[model.name] = model }
        // An alias names a model, not another alias, so that their order never matters.
        let priced = byName
        for (alias, target) in aliases where priced[alias] == nil { byName[alias] = priced[target] }
        self.models = byName
        self.makers = makers
        namesByModel = Dictionary(grouping: byName.keys.sorted(), by: \.model)
        providers = Set(byName.keys.map(\.provider))
        meterNames = Set(models.flatMap { $0.prices.map(\.meter.name) })
    }

    package static let empty = PriceBook(models: [])

    package func isKnownMeter(_ name: String) -> Bool { meterNames.contains(name) }

    /// What a model's name may stand for.
    package enum Resolution: Sendable {
        case priced(ModelPrices)
        /// No provider has a price for it.
        case unpriced(ModelName)
        /// Several providers sell it and none of them, or more than one, makes it.
        case ambiguous([ModelName])
    }

    /// Finds the model that `name` stands for: with a provider exactly that one's; `provider/model`; or a bare name,
    /// which is its maker's own API, or the only provider's that sells it.
    package func resolve(_ name: String, provider: String? = nil) -> Resolution {
        if let provider {
            let own = name.hasPrefix(provider + "/") ? String(name.dropFirst(provider.count + 1)) : name
            let exact = ModelName(provider: provider, model: name)
            let stripped = ModelName(provider: provider, model: own)
            return models[exact].map(Resolution.priced) ?? models[stripped].map(Resolution.priced)
                ?? .unpriced(stripped)
        }
        let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")).flatMap {
            providers.contains(String(name[..<$0])) ? $0 : nil
        }
        let full = slash.map { ModelName(provider: String(name[..<$0]), model: String(name[name.index(after: $0)...])) }
        // First of all, since resellers name the models they sell after the makers, as `openai/gpt-4o`.
        if let full, let model = models[full] { return .priced(model) }
        if let sold = namesByModel[name] {
            if sold.count == 1 { return .priced(models[sold[0]]!) }
            let made = sold.filter { makers.contains($0.provider) }
            return made.count == 1 ? .priced(models[made[0]]!) : .ambiguous(sold)
        }
        if let full { return .unpriced(full) }
        return .unpriced(ModelName(provider: "", model: name))
    }
}

extension PriceBook {
    /// The full name that `name` stands for; where it is ambiguous or unknown, as much of it as was said.
    package func name(of name: String, provider: String?) -> ModelName {
        switch resolve(name, provider: provider) {
        case .priced(let prices): prices.name
        case .unpriced(let name): name
        case .ambiguous: ModelName(provider: provider ?? "", model: name)
        }
    }
}
