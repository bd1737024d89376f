/// Which fields a scope names.
struct ScopeShape: Hashable, Sendable {
    struct Fields: OptionSet, Hashable, Sendable {
        let rawValue: UInt8

        static let team = Fields(rawValue: 1)
        static let feature = Fields(rawValue: 2)
        static let user = Fields(rawValue: 4)
        static let run = Fields(rawValue: 8)
        static let model = Fields(rawValue: 16)
        static let provider = Fields(rawValue: 32)
    }

    let fields: Fields
    let tagKeys: [String]
    /// The start of all keys of this shape. It keeps them apart from the keys of other shapes.
    private let start: QuickHash

    init(_ scope: Scope) {
        var fields = Fields()
        if scope.team != nil { fields.insert(.team) }
        if scope.feature != nil { fields.insert(.feature) }
        if scope.user != nil { fields.insert(.user) }
        if scope.run != nil { fields.insert(.run) }
        if scope.model != nil { fields.insert(.model) }
        if scope.provider != nil { fields.insert(.provider) }
        self.fields = fields
        tagKeys = scope.tags.map(\.key)
        var start = QuickHash()
        start.combine(UInt64(fields.rawValue))
        for key in tagKeys { start.combine(key) }
        self.start = start
    }

    /// The key of a call for this shape; nil if the call lacks a field of the shape.
    func key(_ who: Attribution, _ hashes: FieldHashes) -> UInt64? {
        guard hashes.present.isSuperset(of: fields) else { return nil }
        var key = start
        if fields.contains(.team) { key.combine(hashes.team) }
        if fields.contains(.feature) { key.combine(hashes.feature) }
        if fields.contains(.user) { key.combine(hashes.user) }
        if fields.contains(.run) { key.combine(hashes.run) }
        if fields.contains(.model) { key.combine(hashes.model) }
        if fields.contains(.provider) { key.combine(hashes.provider) }
        for tagKey in tagKeys {
            guard let value = who.tag(tagKey) else { return nil }
            key.combine(value)
        }
        return key.value
    }

    static func == (left: ScopeShape, right: ScopeShape) -> Bool {
        left.fields == right.fields && left.tagKeys == right.tagKeys
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(fields)
        hasher.combine(tagKeys)
    }
}

/// The hashes of a call's fields. Each is computed once for all shapes.
struct FieldHashes {
    /// Which of the wanted fields the call has.
    private(set) var present: ScopeShape.Fields = []
    private(set) var team: UInt64 = 0
    private(set) var feature: UInt64 = 0
    private(set) var user: UInt64 = 0
    private(set) var run: UInt64 = 0
    var model: UInt64 = 0
    private(set) var provider: UInt64 = 0

    init(_ who: Attribution, _ name: ModelName, _ wanted: ScopeShape.Fields) {
        let empty = QuickHash()
        func hash(_ field: ScopeShape.Fields, _ text: String?) -> UInt64 {
            guard wanted.contains(field), let text else { return 0 }
            present.formUnion(field)
            var hash = empty
            hash.combine(text)
            return hash.value
        }
        team = hash(.team, who.team)
        feature = hash(.feature, who.feature)
        user = hash(.user, who.user)
        run = hash(.run, who.run)
        model = hash(.model, name.model)
        provider = hash(.provider, name.provider)
    }
}
