import Accounting

/// Finds the ledger's model of a name in a provider's file: by the price book's names and aliases, else by the words of the
/// name, because bills call models otherwise than APIs do (`Claude Sonnet 4.6`, `NovaPro`).
struct ModelMatch {
    private struct Spelling: Hashable {
        let provider: String
        let words: [String]
    }

    private let book: PriceBook
    private let providers: [String]?
    /// The ledger's models. Those whose names differ by region or version alone are one: bills do not tell them apart.
    private var ours: [Spelling: ModelName] = [:]
    private var known: [String: ModelName] = [:]

    init(_ book: PriceBook, providers: [String]?, ours days: [LedgerDay]) {
        (self.book, self.providers) = (book, providers)
        for name in Set(days.map { book.family(of: $0.model) }).sorted(by: { $0.model.count > $1.model.count }) {
            ours[Self.spelling(of: name)] = name
        }
    }

    /// What the ledger's model is called in the comparison: snapshots count as their model, because providers bill either.
    func family(of name: ModelName) -> ModelName {
        let family = book.family(of: name)
        return ours[Self.spelling(of: family)] ?? family
    }

    mutating func model(_ name: String, provider: String?) -> ModelName {
        let key = "\(provider ?? "")\n\(name)"
        if let found = known[key] { return found }
        let found = find(name, provider: provider)
        known[key] = found
        return found
    }

    private func find(_ name: String, provider: String?) -> ModelName {
        let sellers = provider.map { [ProviderName.canonical($0)] } ?? providers ?? []
        for seller in sellers {
            if case .priced(let prices) = book.resolve(name, provider: seller),
                let found = ours[Self.spelling(of: prices.family)]
            {
                return found
            }
            if let found = ours[Spelling(provider: seller, words: Self.words(name))] { return found }
        }
        for seller in sellers {
            if case .priced(let prices) = book.resolve(name, provider: seller) { return family(of: prices.family) }
        }
        if sellers.isEmpty, case .priced(let prices) = book.resolve(name) { return family(of: prices.family) }
        return ModelName(provider: sellers.first ?? "", model: name)
    }

    private static func spelling(of name: ModelName) -> Spelling {
        Spelling(provider: name.provider, words: words(name.model))
    }

    /// The words and numbers of a name, sorted, without its vendor, its date and its version: `claude 4 6 sonnet` of
    /// `anthropic.claude-sonnet-4-6-20260115-v1:0`.
    static func words(_ name: String) -> [String] {
        let own = name.split(separator: "/").last ?? ""
        var parts: [String] = []
        var last: Character?
        for character in own {
            let isNew =
                switch last {
                case let last?:
                    last.isNumber != character.isNumber || (last.isLowercase && character.isUppercase)
                        || !(last.isLetter || last.isNumber)
                case nil: true
                }
            if character.isLetter || character.isNumber {
                if isNew { parts.append("") }
                parts[parts.count - 1].append(contentsOf: character.lowercased())
            }
            last = character
        }
        if let version = parts.lastIndex(of: "v"), version > 0, parts[(version + 1)...].allSatisfy({ Int($0) != nil }) {
            parts.removeSubrange(version...)
        }
        while parts.count > 1, vendors.contains(parts[0]), own.contains(".") { parts.removeFirst() }
        return withoutDate(parts).sorted()
    }

    private static let vendors: Set<String> = [
        "ai21", "amazon", "anthropic", "cohere", "deepseek", "google", "meta", "mistral", "openai", "qwen", "us", "eu",
        "apac", "au", "jp", "global",
    ]

    /// `20261031`, `2026 10 31` and, as Azure writes it, `1031`.
    private static func withoutDate(_ parts: [String]) -> [String] {
        if let year = parts.indices.dropFirst().first(where: { parts[$0].count == 4 && parts[$0].hasPrefix("20") }),
            year + 2 < parts.count, parts[year + 1].count == 2, parts[year + 2].count == 2
        {
            return Array(parts[..<year] + parts[(year + 3)...])
        }
        return parts.enumerated().filter { index, part in
            index == 0 || Int(part) == nil
                || !((part.count == 8 && part.hasPrefix("20"))
                    || (part.count == 4 && ("01"..."12").contains(part.prefix(2))))
        }.map(\.element)
    }
}
