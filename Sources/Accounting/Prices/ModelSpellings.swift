/// One name for each model of the stored price book. Earlier versions stored names as they came, so rows of one model may
/// differ by capitals, or stand under a label of litellm's.
package struct ModelSpellings: Sendable {
    /// By the name without capitals, under its provider's own name.
    private let spellings: [ModelName: ModelName]

    /// The spelling does not depend on the order of `names`: it is that without capitals if there is one, otherwise the
    /// first by alphabet.
    package init(_ names: some Sequence<ModelName>) {
        let known = names.map(\.canonical)
        spellings = Dictionary(known.map { ($0.folded, $0) }) { left, right in
            left == left.folded ? left : right == right.folded ? right : min(left, right)
        }
    }

    package subscript(name: ModelName) -> ModelName { spellings[name.canonical.folded] ?? name.canonical }
}

extension ModelName {
    /// The name under its provider's own name.
    fileprivate var canonical: ModelName { ModelName(provider: ProviderName.canonical(provider), model: model) }
}
