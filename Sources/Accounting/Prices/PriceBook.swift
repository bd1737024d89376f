/// All prices in force, and the names under which calls request models. A class, because each verdict passes it along.
package final class PriceBook: Sendable {
    package let models: [ModelName: ModelPrices]
    /// The snapshots of each model that has any, sorted.
    private let snapshots: [ModelName: [ModelName]]
    /// By text that names a priced model without a separate provider: what the text stands for.
    private let resolutions: NameTable<Resolution>
    let providers: Set<String>
    private let makers: Set<String>
    /// By the name without capitals: the name of a model whose name has any.
    private let spellings: [ModelName: ModelName]
    package let meterNames: Set<String>
    /// The regions that have prices of their own.
    let regions: Set<String>

    /// `makers` are the providers whose models may be requested by their bare name.
    package init(models: [ModelPrices], aliases: [ModelName: ModelName] = [:], makers: Set<String> = []) {
        var byName = Self.byName(models, aliases)
        // A snapshot keeps its own prices. Only its family is the model that it is a snapshot of.
        let families = models.map { Self.family(of: $0.name, in: byName) }
        let dated = zip(models, families).filter { $0.0.name != $0.1 }.map { ModelPrices($0.0, family: $0.1) }
        if !dated.isEmpty { byName = Self.byName(models + dated, aliases) }
        self.models = byName
        snapshots = Dictionary(grouping: Set(dated.map(\.name)).sorted()) { byName[$0]!.family }
        providers = Set(byName.keys.map { ProviderName.canonical($0.provider) })
        let capitals = byName.keys.filter { $0 != $0.folded && byName[$0.folded] == nil }
        let spellings = Dictionary(capitals.map { ($0.folded, $0) }) { min($0, $1) }
        self.spellings = spellings
        // Of several spellings of a name one is found, the same on every server.
        let spelled = byName.filter { name, _ in
            name == spellings[name.folded] ?? name.folded && ProviderName.canonical(name.provider) == name.provider
        }
        resolutions = NameTable(Self.resolutions(spelled, makers))
        self.makers = makers
        meterNames = Set(models.flatMap { $0.prices.map(\.meter.name) })
        regions = Set(models.flatMap { $0.prices.compactMap(\.region) })
    }

    private static func byName(
        _ models: [ModelPrices], _ aliases: [ModelName: ModelName]
    ) -> [ModelName: ModelPrices] {
        var byName: [ModelName: ModelPrices] = [:]
        for model in models { byName[model.name] = model }
        // An alias names a model, never another alias, so the order of aliases does not matter.
        let priced = byName
        for (alias, target) in aliases where priced[alias] == nil { byName[alias] = priced[target] }
        return byName
    }

    /// The model of which `name` is a snapshot; `name` itself if it is none.
    private static func family(of name: ModelName, in models: [ModelName: ModelPrices]) -> ModelName {
        var family = name
        // A model's plain name may be an alias of its newest snapshot, which then names the family.
        while let snapshot = SnapshotName(family.model) {
            let base = ModelName(provider: name.provider, model: snapshot.base)
            guard let known = models[base]?.name ?? (snapshot.isCertain ? base : nil) else { break }
            let isAlias = known != base
            family = known
            if isAlias { break }
        }
        return family
    }

    package static let empty = PriceBook(models: [])

    /// The model that `name` is a snapshot of; `name` itself if it is none or not in the price book.
    package func family(of name: ModelName) -> ModelName { models[name]?.family ?? name }

    /// Whether `name`, in a scope, a ladder or an agreement, means calls of `model`: it is that model, or the model that
    /// it is a snapshot of.
    package func isMeant(_ model: ModelName, by name: ModelName) -> Bool { name == model || name == family(of: model) }

    /// The models that `name` means: itself and its snapshots.
    package func models(meantBy name: ModelName) -> [ModelName] { [name] + (snapshots[name] ?? []) }

    package func isKnownMeter(_ name: String) -> Bool { meterNames.contains(name) }
    package func isKnownProvider(_ name: String) -> Bool { providers.contains(ProviderName.canonical(name)) }

    /// The one spelling of a name: the price book's, otherwise without capitals.
    private func spelled(_ name: ModelName) -> ModelName {
        let folded = name.folded
        return spellings[folded] ?? folded
    }

    private static func resolutions(
        _ models: [ModelName: ModelPrices], _ makers: Set<String>
    ) -> [String: Resolution] {
        var resolutions: [String: Resolution] = [:]
        for (name, sold) in Dictionary(grouping: models.keys.sorted(), by: { ProviderName.folded($0.model) }) {
            let made = sold.count == 1 ? sold : sold.filter { makers.contains($0.provider) }
            resolutions[name] = made.count == 1 ? .priced(models[made[0]]!) : .ambiguous(sold)
        }
        // Full names override bare names, because resellers name the models they sell after the makers, such as
        // `openai/gpt-4o`.
        for (name, model) in models where !name.provider.utf8.contains(UInt8(ascii: "/")) {
            resolutions[ProviderName.folded(name.description)] = .priced(model)
        }
        return resolutions
    }

    /// What a model's name may stand for.
    package enum Resolution: Sendable {
        case priced(ModelPrices)
        /// No provider has a price for it.
        case unpriced(ModelName)
        /// Several providers sell the model, and either none of them or more than one of them makes it.
        case ambiguous([ModelName])
    }

    /// Finds the model that `name` stands for. With a provider, it is exactly this provider's model. Otherwise `name`
    /// is `provider/model` or a bare name, which means the maker's own API or the only provider that sells the model. A
    /// fine-tuned model or a dated snapshot without prices of its own has the prices of the model it was made from. Names
    /// are compared without capitals, and what is found has one spelling.
    package func resolve(_ name: String, provider: String? = nil) -> Resolution {
        let (name, provider) = (ProviderName.folded(name), provider.map(ProviderName.canonical))
        let found = known(name, provider)
        guard case .unpriced = found else { return found }
        var rest = name
        while let derived = DerivedName(rest) {
            rest = derived.base
            let base = known(rest, provider)
            if case .unpriced = base { continue }
            return isOneGuess(base, at: rest, from: name, provider) ? base : found
        }
        return found
    }

    /// Whether a name that was derived from another leads to its model without a second guess: the provider is named, or
    /// makes the model. "The only provider that still sells it" would be the second: a retired snapshot of the maker's has
    /// another price than what a reseller still sells. Only Vertex AI writes `@`.
    private func isOneGuess(_ base: Resolution, at rest: String, from name: String, _ provider: String?) -> Bool {
        guard provider == nil, case .priced(let model) = base else { return true }
        return makers.contains(model.name.provider) || rest == ProviderName.folded(model.name.description)
            || model.name.provider == "vertex_ai" && name.contains("@")
    }

    /// Both names are without capitals.
    private func known(_ name: String, _ provider: String?) -> Resolution {
        if let provider {
            let exact = spelled(ModelName(provider: provider, model: name))
            if let model = models[exact] { return .priced(model) }
            guard let own = ModelName.withoutPrefix(provider, name) else { return .unpriced(exact) }
            let stripped = spelled(ModelName(provider: provider, model: own))
            return models[stripped].map(Resolution.priced) ?? .unpriced(stripped)
        }
        if let known = resolutions[name] { return known }
        guard let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) else {
            return .unpriced(ModelName(provider: "", model: name))
        }
        let (label, rest) = (String(name[..<slash]), String(name[name.utf8.index(after: slash)...]))
        let provider = ProviderName.canonical(label)
        guard providers.contains(provider) else { return .unpriced(ModelName(provider: "", model: name)) }
        // A label of litellm in front of the model.
        return label == provider ? .unpriced(ModelName(provider: provider, model: rest)) : known(rest, provider)
    }
}

extension PriceBook {
    /// What to tell of a name that the book lacks, and that was priced as another that it was derived from; nil for a name
    /// that the book has, or has no price for.
    package func guessWarning(of name: String, provider: String?) -> CallWarning? {
        let (folded, named) = (ProviderName.folded(name), provider.map(ProviderName.canonical))
        guard DerivedName(folded) != nil, case .unpriced = known(folded, named),
            case .priced(let model) = resolve(name, provider: provider)
        else { return nil }
        return CallWarning(.nameGuessed, "\(name) has no price of its own: it is priced as \(model.name).")
    }

    /// How a name led to its model.
    package enum Rule: Sendable {
        case providerNamed, bareName, alias, fineTune, snapshot
    }

    /// The rule by which `name` stands for `model`.
    package func rule(of name: String, provider: String?, standingFor model: ModelName) -> Rule {
        let (name, provider) = (ProviderName.folded(name), provider.map(ProviderName.canonical))
        let model = model.folded
        if case .unpriced = known(name, provider) {
            // The name was derived from a known name, in one step or two.
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

    /// The full name that `name` stands for. If it is ambiguous or unknown, only the given parts of it.
    package func name(of name: String, provider: String?) -> ModelName {
        switch resolve(name, provider: provider) {
        case .priced(let prices): prices.name
        case .unpriced(let name): name
        case .ambiguous:
            ModelName(provider: provider.map(ProviderName.canonical) ?? "", model: ProviderName.folded(name))
        }
    }
}
