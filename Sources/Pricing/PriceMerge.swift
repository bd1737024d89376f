import Accounting

/// Makes one price book out of several sources of figures.
///
/// Of each meter in each tier, region and hour, one source decides at any time, for prompts of every size: the provider's
/// own page, else the source that says when its price began or ended, else the dearer one. What the others say of today
/// stands beside it as disputed.
package struct PriceMerge {
    /// One source of figures.
    package struct Input: Sendable {
        let key: String
        let files: [String: PriceFile]
        /// Whether these are the figures of the providers' own pages.
        let isOwnPages: Bool

        package init(key: String, files: [PriceFile], isOwnPages: Bool = false) {
            self.key = key
            self.files = Dictionary(files.map { ($0.provider, $0) }) { first, _ in first }
            self.isOwnPages = isOwnPages
        }
    }

    private let inputs: [Input]
    private let today: Timestamp

    /// - Parameters:
    ///   - inputs: where all else is equal, the first decides.
    ///   - day: when they were read.
    package init(_ inputs: [Input], on day: CalendarDay) { (self.inputs, today) = (inputs, day.startUTC) }

    /// One file a provider, sorted by name.
    package var files: [PriceFile] {
        Set(inputs.flatMap(\.files.keys)).sorted().map { provider in
            let present = inputs.filter { $0.files[provider] != nil }
            let files = present.map { $0.files[provider]! }
            let sources = zip(present, files).map {
                PriceFile.Source(key: $0.key, figures: $1.sources[0].figures, retrieved: $1.sources[0].retrieved)
            }
            return PriceFile(
                provider: provider, isMaker: files.compactMap(\.isMaker).contains(true) ? true : nil,
                sources: sources.count == 1
                    ? [PriceFile.Source(figures: sources[0].figures, retrieved: sources[0].retrieved)] : sources,
                models: models(zip(present, files).map { ($0, $1) }, isOnly: sources.count == 1))
        }
    }

    private func models(_ files: [(input: Input, file: PriceFile)], isOnly: Bool) -> [PriceFile.Model] {
        if isOnly { return files[0].file.models }
        // Names are compared without capitals; the first source that has a model spells it.
        var spellings: [String: String] = [:]
        for (_, file) in files {
            for model in file.models where spellings[model.name.lowercased()] == nil {
                spellings[model.name.lowercased()] = model.name
            }
        }
        let tables = files.map { input, file in
            var byName: [String: PriceFile.Model] = [:]
            for model in file.models {
                for alias in model.aliases where byName[alias.lowercased()] == nil {
                    byName[alias.lowercased()] = model
                }
            }
            for model in file.models { byName[model.name.lowercased()] = model }
            return (input: input, byName: byName)
        }
        var aliasOwners: Set<String> = []
        return spellings.keys.sorted().map { name in
            let said = tables.compactMap { input, byName in
                byName[name].map { PriceStatement(input.key, $0, input.isOwnPages) }
            }
            var merged = PriceStatement.merged(said, name: spellings[name]!, on: today)
            let aliases = said.filter { $0.model.name.lowercased() == name }.flatMap(\.model.aliases).filter {
                spellings[$0.lowercased()] == nil && aliasOwners.insert($0.lowercased()).inserted
            }
            merged.aliases = aliases.sorted()
            return merged
        }.sorted { $0.name < $1.name }
    }
}
