/// All prices in force, and the names models are asked for by.
package struct PriceBook: Sendable {
    package let models: [ModelName: ModelPrices]
    /// What each text stands for that names a priced model without a word of its provider beside it.
    private let resolutions: [String: Resolution]
    private let providers: Set<String>
    private let meterNames: Set<String>

    /// `makers` are the providers whose models may go by their bare name.
    package init(models: [ModelPrices], aliases: [ModelName: ModelName] = [:], makers: Set<String> = []) {
        var byName: [ModelName: ModelPrices] = [:]
        for model in models { byName[model.name] = model }
        // An alias names a model, not another alias, so that their order never matters.
        let priced = byName
        for (alias, target) in aliases where priced[alias] == nil { byName[alias] = priced[target] }
        self.models = byName
        providers = Set(byName.keys.map(\.provider))
        resolutions = Self.resolutions(byName, makers)
        meterNames = Set(models.flatMap { $0.prices.map(\.meter.name) })
    }

    package static let empty = PriceBook(models: [])

    package func isKnownMeter(_ name: String) -> Bool { meterNames.contains(name) }
    package func isKnownProvider(_ name: String) -> Bool { providers.contains(name) }

    private static func resolutions(
        _ models: [ModelName: ModelPrices], _ makers: Set<String>
    ) -> [String: Resolution] {
        var resolutions: [String: Resolution] = [:]
        for (name, sold) in Dictionary(grouping: models.keys.sorted(), by: \.model) {
            let made = sold.count == 1 ? sold : sold.filter { makers.contains($0.provider) }
            resolutions[name] = made.count == 1 ? .priced(models[made[0]]!) : .ambiguous(sold)
        }
        // These go before bare names, since resellers name the models they sell after the makers, as `openai/gpt-4o`.
        for (name, model) in models where !name.provider.utf8.contains(UInt8(ascii: "/")) {
            resolutions[name.description] = .priced(model)
        }
        return resolutions
    }

    /// What a model's name may stand for.
    package enum Resolution: Sendable {
        case priced(ModelPrices)
        /// No provider has a price for it.
        case unpriced(ModelName)
        /// Several providers sell it and none of them, or more than one, makes it.
        case ambiguous([ModelName])
    }

    /// Finds the model that `name` stands for: with a provider exactly that one's; `provider/model`; or a bare name,
    /// which is its maker's own API, or the only provider's that sells it. A fine-tuned model and a dated snapshot that
    /// have no prices under their own names have those of what they were made from.
    package func resolve(_ name: String, provider: String? = nil) -> Resolution {
        let found = known(name, provider)
        guard case .unpriced = found else { return found }
        var rest = name
        while let derived = DerivedName(rest) {
            rest = derived.base
            let base = known(rest, provider)
            if case .unpriced = base { continue }
            return base
        }
        return found
    }

    private func known(_ name: String, _ provider: String?) -> Resolution {
        if let provider {
            let exact = ModelName(provider: provider, model: name)
            if let model = models[exact] { return .priced(model) }
            guard let own = ModelName.withoutPrefix(provider, name) else { return .unpriced(exact) }
            let stripped = ModelName(provider: provider, model: own)
            return models[stripped].map(Resolution.priced) ?? .unpriced(stripped)
        }
        if let known = resolutions[name] { return known }
        let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")).flatMap {
            providers.contains(String(name[..<$0])) ? $0 : nil
        }
        guard let slash else { return .unpriced(ModelName(provider: "", model: name)) }
        return .unpriced(
            ModelName(provider: String(name[..<slash]), model: String(name[name.index(after: slash)...])))
    }
}

extension PriceBook {
    /// What led from a name to its model.
    package enum Rule: Sendable {
        case providerNamed, bareName, alias, fineTune, snapshot
    }

    /// The rule by which `name` stands for `model`.
    package func rule(of name: String, provider: String?, standingFor model: ModelName) -> Rule {
        if case .unpriced = known(name, provider) {
            // It was made from something that is known, by one step or two.
            var (rest, rule) = (name, Rule.alias)
            while let derived = DerivedName(rest) {
                (rest, rule) = (derived.base, rule == .fineTune ? rule : derived.rule)
                if case .priced = known(rest, provider) { break }
            }
            return rule
        }
        if name == model.description || name == model.model && provider != nil { return .providerNamed }
        return name == model.model ? .bareName : .alias
    }

    /// The full name that `name` stands for; where it is ambiguous or unknown, as much of it as was said.
    package func name(of name: String, provider: String?) -> ModelName {
        switch resolve(name, provider: provider) {
        case .priced(let prices): prices.name
        case .unpriced(let name): name
        case .ambiguous: ModelName(provider: provider ?? "", model: name)
        }
    }
}
