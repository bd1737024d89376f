import Accounting

extension PriceBook.Rule {
    /// How the rule is told to people.
    var words: String {
        switch self {
        case .providerNamed: "the provider is named"
        case .bareName: "a bare name means its maker's own API, or the only provider that sells it"
        case .alias: "the name is an alias"
        case .spelling: "capitals and separators do not matter"
        case .path: "the model is named by its place at its provider"
        case .fineTune: "a fine-tuned model costs what those made from the same model do"
        case .snapshot: "a dated snapshot without prices of its own costs what its model does"
        case .newestSnapshot: "a model without prices of its own costs what its newest snapshot does"
        case .variant: "a routing variant without prices of its own costs what its model does"
        case .profile: "a profile, a region or a context size without prices of its own costs what its model does"
        }
    }
}
