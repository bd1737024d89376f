/// Which model a name stands for.
extension PriceBook {
    /// What a model's name may stand for.
    package enum Resolution: Sendable {
        case priced(ModelPrices)
        /// No provider has a price for it.
        case unpriced(ModelName)
        /// It may be any of several models: several providers sell it, and either none of them or more than one of them
        /// makes it, or it is spelled like several.
        case ambiguous([ModelName])
    }

    /// Finds the model that `name` stands for. With a provider, it is exactly this provider's model. Otherwise `name`
    /// is `provider/model` or a bare name, which means the maker's own API or the only provider that sells the model.
    /// Capitals and separators do not matter. A name that the price book lacks is found by what it was made from, as
    /// `Rule` lists it. What is found has one spelling.
    package func resolve(_ name: String, provider: String? = nil) -> Resolution {
        find(name, provider: provider).resolution
    }

    /// What `resolve` finds, and by which rule a name was derived that the book lacks; nil where it has the name or finds
    /// nothing.
    func find(_ name: String, provider: String?) -> (resolution: Resolution, derivedBy: Rule?) {
        let (name, provider) = (ProviderName.folded(name), provider.map(ProviderName.canonical))
        let found = known(name, provider)
        guard case .unpriced = found, let (resolution, rule) = derived(name, provider) else { return (found, nil) }
        return (resolution, rule)
    }

    /// The full name that `name` stands for. If it is ambiguous or unknown, only the given parts of it.
    package func name(of name: String, provider: String?) -> ModelName {
        switch resolve(name, provider: provider) {
        case .priced(let prices): prices.name
        case .unpriced(let name): name
        case .ambiguous:
            ModelName(provider: provider.map(ProviderName.canonical) ?? "", model: ProviderName.folded(name))
        }
    }

    /// The one spelling of a name: the price book's, otherwise without capitals.
    private func spelled(_ name: ModelName) -> ModelName {
        let folded = name.folded
        return spellings[folded] ?? folded
    }

    /// Both names are without capitals.
    func known(_ name: String, _ provider: String?) -> Resolution {
        if let provider {
            let exact = spelled(ModelName(provider: provider, model: name))
            if let model = models[exact] { return .priced(model) }
            guard let own = ModelName.withoutPrefix(provider, name) else { return .unpriced(exact) }
            let stripped = spelled(ModelName(provider: provider, model: own))
            return models[stripped].map(Resolution.priced) ?? .unpriced(stripped)
        }
        if let known = resolutions[name] { return known }
        guard let (provider, rest) = split(name) else {
            return .unpriced(ModelName(provider: "", model: name))
        }
        // A label of litellm in front of the model.
        return known(rest, provider)
    }

    /// A name as the provider in front of it, by its own name, and the rest. Nil without one.
    private func split(_ name: String) -> (provider: String, rest: String)? {
        guard let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let provider = ProviderName.canonical(String(name[..<slash]))
        guard providers.contains(provider) else { return nil }
        return (provider, String(name[name.utf8.index(after: slash)...]))
    }

    /// Finds the model of a name that the book lacks; nil if there is none.
    func derived(_ name: String, _ provider: String?) -> (resolution: Resolution, rule: Rule)? {
        var (rest, provider) = (name, provider)
        if let named = provider {
            rest = ModelName.withoutPrefix(named, rest) ?? rest
        } else if let (named, own) = split(rest) {
            (rest, provider) = (own, named)
        }
        let first = spelledOtherwise(rest, provider)
        if let first, first.rule == .spelling { return first }
        if let first, case .priced = first.resolution { return first }
        var rule: Rule?
        while let derived = DerivedName(rest, provider: provider) {
            // Of several steps the one that may change the price is told.
            if rule == nil || derived.rule.isGuess && rule?.isGuess == false { rule = derived.rule }
            for base in derived.bases {
                rest = base
                var found: Resolution? = known(rest, provider)
                if case .unpriced = found {
                    let other = spelledOtherwise(rest, provider)
                    // Two guesses, one upon the other, are too many.
                    found = other?.rule.isGuess == true && rule?.isGuess == true ? nil : other?.resolution
                    if found != nil, other?.rule.isGuess == true { rule = other?.rule }
                }
                guard let found, let rule else { continue }
                return isOneGuess(found, at: rest, from: name, provider) ? (found, rule) : first
            }
        }
        return first
    }

    /// The model whose name differs by separators, or the newest snapshot of a model that has no price itself.
    private func spelledOtherwise(_ name: String, _ provider: String?) -> (resolution: Resolution, rule: Rule)? {
        let key = LooseNames.key(provider.map { "\($0)/\(name)" } ?? name)
        var names = Set(looseNames.spelled(key))
        switch resolutions[key] {
        case .priced(let model): names.insert(model.name)
        case .ambiguous(let others): names.formUnion(others)
        default: break
        }
        if let one = chosen(names, provider) { return (one, .spelling) }
        let snapshots = looseNames.snapshots(key)
        guard let one = chosen(Set(snapshots), provider) else { return nil }
        // That only one provider still sells a model does not tell that it is meant.
        if provider == nil, case .priced(let model) = one, !makers.contains(model.name.provider) { return nil }
        return (one, .newestSnapshot)
    }

    private func chosen(_ names: Set<ModelName>, _ provider: String?) -> Resolution? {
        let names = names.filter { provider == nil || $0.provider == provider }.sorted()
        guard !names.isEmpty else { return nil }
        return Self.meant(names, makers).map { .priced(models[$0]!) } ?? .ambiguous(names)
    }

    /// Whether a name that was derived from another leads to its model without a second guess: the provider is named, or
    /// makes the model. "The only provider that still sells it" would be the second: a retired snapshot of the maker's has
    /// another price than what a reseller still sells. Only Vertex AI writes `@`.
    private func isOneGuess(_ base: Resolution, at rest: String, from name: String, _ provider: String?) -> Bool {
        guard provider == nil, case .priced(let model) = base else { return true }
        return makers.contains(model.name.provider) || rest == ProviderName.folded(model.name.description)
            || model.name.provider == "vertex_ai" && name.contains("@")
    }
}
