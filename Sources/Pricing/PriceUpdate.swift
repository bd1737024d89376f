import Accounting

/// What a newer map or catalogue changes in a price book.
///
/// A source is believed where it says something new: its price then holds from the day that it names, else from the day
/// of the update. What it said before, when another source was preferred, stays disputed, and so does what contradicts a
/// provider's own page or an operator's own price. A model that it no longer lists keeps its last prices and is retired,
/// unless another source has it.
package struct PriceUpdate: Sendable {
    /// The models that change, by provider: what is to be written into the book.
    package private(set) var files: [PriceFile] = []
    /// Models with a price that changes by more than `jumpFactor`.
    package private(set) var jumps: [ModelName] = []
    /// Models that the source no longer lists.
    package private(set) var retired: [ModelName] = []
    /// Retired models that the source lists again.
    package private(set) var revived: [ModelName] = []

    /// A price that changes by more than this factor, up or down, is set apart.
    package static let jumpFactor: Int128 = 3

    /// - Parameters:
    ///   - news: what the catalogue says now, one file a provider.
    ///   - book: by provider, the models of the price book. The sources of their prices are the texts that stand with them.
    ///   - day: when the catalogue was read.
    ///   - isWhole: whether the catalogue lists all that it has. What a part of it does not list is not gone.
    ///   - takesJumps: whether models of `jumps` are among `files`.
    package init(
        _ news: [PriceFile], of kind: PriceCatalogueKind, to book: [String: [PriceFile.Model]], on day: CalendarDay,
        isWhole: Bool, takesJumps: Bool
    ) {
        for file in news {
            let known = book[file.provider] ?? []
            var byName: [String: PriceFile.Model] = [:]
            for model in known {
                for alias in model.aliases { byName[alias.lowercased()] = model }
            }
            for model in known { byName[model.name.lowercased()] = model }
            let listed = Set(file.models.map { $0.name.lowercased() })
            var changed: [PriceFile.Model] = []
            for model in file.models {
                guard let ours = byName[model.name.lowercased()] else {
                    changed.append(Self.new(model, beside: byName))
                    continue
                }
                // A name that is another model's alias is that model, of which the catalogue may speak itself.
                if ours.name.lowercased() != model.name.lowercased(), listed.contains(ours.name.lowercased()) {
                    continue
                }
                if Self.isBack(model, ours, kind) {
                    revived.append(ModelName(provider: file.provider, model: ours.name))
                }
                let update = PriceModelUpdate(
                    model, source: file.sources[0].text, of: kind, to: ours, at: day.startUTC,
                    newAliases: Self.new(model, beside: byName).aliases)
                if update.isJump { jumps.append(ModelName(provider: file.provider, model: ours.name)) }
                if let model = update.model, !update.isJump || takesJumps { changed.append(model) }
            }
            add(changed, to: file)
        }
        if isWhole { retire(news, of: kind, in: book, on: day) }
    }

    /// Whether a model that was retired is sold again. Of the catalogues only litellm's map drops what is not.
    private static func isBack(
        _ theirs: PriceFile.Model, _ ours: PriceFile.Model, _ kind: PriceCatalogueKind
    ) -> Bool {
        ours.retired != nil && theirs.retired == nil
            && (kind == .litellm || ours.isOf(kind))
    }

    /// A model that the book lacks, without the aliases that it has already.
    private static func new(_ model: PriceFile.Model, beside known: [String: PriceFile.Model]) -> PriceFile.Model {
        var model = model
        model.aliases.removeAll { known[$0.lowercased()] != nil }
        return model
    }

    private mutating func add(_ models: [PriceFile.Model], to file: PriceFile) {
        guard !models.isEmpty else { return }
        // Disputes of other sources are written again as they stand: each source of a line is named by its text.
        let others = Set(models.flatMap { ($0.prices + $0.disputed).map(\.source) }).subtracting([""]).sorted()
        files.append(
            PriceFile(
                provider: file.provider, isMaker: file.isMaker,
                sources: file.sources + others.map { PriceFile.Source(stored: $0) }, models: models))
    }

    private mutating func retire(
        _ news: [PriceFile], of kind: PriceCatalogueKind, in book: [String: [PriceFile.Model]], on day: CalendarDay
    ) {
        for file in news {
            let listed = Set(file.models.flatMap { [$0.name] + $0.aliases }.map { $0.lowercased() })
            let gone = (book[file.provider] ?? []).filter { model in
                model.retired == nil && !listed.contains(model.name.lowercased())
                    && model.aliases.allSatisfy { !listed.contains($0.lowercased()) }
                    && model.isOf(kind)
            }
            retired += gone.map { ModelName(provider: file.provider, model: $0.name) }
            add(
                gone.map { model in
                    PriceFile.Model(
                        name: model.name, aliases: [], maxInputTokens: nil, maxOutputTokens: nil, retired: day,
                        prices: [], disputed: model.disputed)
                }, to: file)
        }
    }
}

extension PriceFile.Model {
    /// Whether no other source speaks of it.
    fileprivate func isOf(_ kind: PriceCatalogueKind) -> Bool {
        (prices + disputed).allSatisfy { PriceCatalogueKind(source: $0.source) == kind }
    }
}
