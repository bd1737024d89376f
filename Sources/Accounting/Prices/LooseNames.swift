/// Finds models by names whose separators were written otherwise (`claude-3.5-sonnet`, `gpt_4o`), and the newest snapshot of
/// a model that the price book has no plain name of.
struct LooseNames: Sendable {
    /// By the name with all its separators alike: the models that it may be. Names that have no other separators already
    /// are not here: the price book finds those by `key`.
    private let spellings: NameTable<[ModelName]>
    /// By a model's plain name or its `-latest`, with all separators alike: the snapshots that it may be.
    private let snapshots: NameTable<[ModelName]>

    /// - Parameters:
    ///   - models: the names by which the price book finds models.
    ///   - snapshots: by a model that may have no price itself: its snapshots, sorted.
    init(_ models: [ModelName: ModelPrices], snapshots: [ModelName: [ModelName]]) {
        var spellings: [String: Set<ModelName>] = [:]
        var dated: [String: Set<ModelName>] = [:]
        for (name, model) in models {
            for text in Self.texts(name) where Self.key(text) != text {
                spellings[Self.key(text), default: []].insert(model.name)
            }
            for short in DerivedName.withoutVersion(name) {
                for text in Self.texts(short) { spellings[Self.key(text), default: []].insert(model.name) }
            }
        }
        for (family, members) in snapshots where models[family] == nil {
            let priced = members.filter { models[$0]?.name == $0 }
            for text in Self.texts(family) {
                dated[Self.key(text), default: []].formUnion(priced)
                if let newest = priced.last { dated[Self.key("\(text)-latest"), default: []].insert(newest) }
            }
        }
        self.spellings = NameTable(spellings.mapValues { $0.sorted() })
        self.snapshots = NameTable(dated.mapValues { $0.sorted() })
    }

    /// The models whose names differ from `key` by separators.
    func spelled(_ key: String) -> [ModelName] { spellings[key] ?? [] }

    /// The snapshots of the model whose name is `key` but for separators.
    func snapshots(_ key: String) -> [ModelName] { snapshots[key] ?? [] }

    /// The bare name and the full one, without capitals.
    private static func texts(_ name: ModelName) -> [String] {
        let folded = name.folded
        return [folded.model, folded.description]
    }

    /// The name with all its separators alike. Colons and slashes divide parts of a name and stay.
    static func key(_ name: String) -> String {
        guard name.utf8.contains(where: isSeparator) else { return name }
        return String(decoding: name.utf8.map { isSeparator($0) ? UInt8(ascii: "-") : $0 }, as: UTF8.self)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "@") || byte == UInt8(ascii: " ")
    }
}
