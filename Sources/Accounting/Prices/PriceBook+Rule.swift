/// How names lead to models.
extension PriceBook {
    /// How a name led to its model.
    package enum Rule: Sendable, Equatable {
        case providerNamed, bareName, alias, spelling, path
        case fineTune, snapshot, newestSnapshot, variant, profile

        /// Whether the model has another name than the one it was found by, so that its price might be another too.
        var isGuess: Bool {
            switch self {
            case .providerNamed, .bareName, .alias, .spelling, .path: false
            case .fineTune, .snapshot, .newestSnapshot, .variant, .profile: true
            }
        }

        /// Whether the name has something that the book's name lacks.
        var isDerived: Bool { isGuess || self == .path }
    }

    /// The rule by which `name` stands for the model that `resolve` finds; nil if it finds none.
    package func rule(of name: String, provider: String?) -> Rule? {
        let (resolution, derivedBy) = find(name, provider: provider)
        if let derivedBy { return derivedBy }
        guard case .priced(let model) = resolution else { return nil }
        let (name, own) = (ProviderName.folded(name), model.name.folded)
        if name == own.description || name == own.model && provider != nil { return .providerNamed }
        return name == own.model ? .bareName : .alias
    }

    /// What to tell of a name that the book lacks, and that was priced as another that it was derived from; nil for a name
    /// that the book has, or has no price for.
    package func guessWarning(of name: String, provider: String?) -> CallWarning? {
        guard case (.priced(let model), let rule?) = find(name, provider: provider) else { return nil }
        return Self.guessWarning(of: name, pricedAs: model.name, by: rule)
    }

    static func guessWarning(of name: String, pricedAs model: ModelName, by rule: Rule) -> CallWarning? {
        guard rule.isGuess else { return nil }
        return CallWarning(.nameGuessed, "\(name) has no price of its own: it is priced as \(model).")
    }
}
