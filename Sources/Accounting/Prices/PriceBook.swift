/// All prices in force, and the names under which calls request models. A class, because each verdict passes it along.
package final class PriceBook: Sendable {
    package let models: [ModelName: ModelPrices]
    /// The snapshots of each model that has any, sorted.
    private let snapshots: [ModelName: [ModelName]]
    /// By text that names a priced model without a separate provider: what the text stands for.
    let resolutions: NameTable<Resolution>
    let looseNames: LooseNames
    let providers: Set<String>
    let makers: Set<String>
    /// By the name without capitals: the name of a model whose name has any.
    let spellings: [ModelName: ModelName]
    package let meterNames: Set<String>
    /// The regions that have prices of their own.
    let regions: Set<String>

    /// Nil for a book that was made of imports alone.
    package let release: PriceRelease?

    /// `makers` are the providers whose models may be requested by their bare name.
    package init(
        models: [ModelPrices], aliases: [ModelName: ModelName] = [:], makers: Set<String> = [],
        release: PriceRelease? = nil
    ) {
        self.release = release
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
        looseNames = LooseNames(spelled, snapshots: snapshots)
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

    /// The models that have snapshots.
    var families: some Collection<ModelName> { snapshots.keys }

    package func isKnownMeter(_ name: String) -> Bool { meterNames.contains(name) }
    package func isKnownProvider(_ name: String) -> Bool { providers.contains(ProviderName.canonical(name)) }

    /// The one of several models that a bare name means; nil if it may be more than one.
    static func meant(_ sold: [ModelName], _ makers: Set<String>) -> ModelName? {
        let made = sold.count == 1 ? sold : sold.filter { makers.contains($0.provider) }
        return made.count == 1 ? made[0] : nil
    }

    private static func resolutions(
        _ models: [ModelName: ModelPrices], _ makers: Set<String>
    ) -> [String: Resolution] {
        var resolutions: [String: Resolution] = [:]
        for (name, sold) in Dictionary(grouping: models.keys.sorted(), by: { ProviderName.folded($0.model) }) {
            let meant = Self.meant(sold, makers)
            resolutions[name] = meant.map { .priced(models[$0]!) } ?? .ambiguous(sold)
        }
        // Full names override bare names, because resellers name the models they sell after the makers, such as
        // `openai/gpt-4o`.
        for (name, model) in models where !name.provider.utf8.contains(UInt8(ascii: "/")) {
            resolutions[ProviderName.folded(name.description)] = .priced(model)
        }
        return resolutions
    }
}
