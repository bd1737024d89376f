/// Which fields a scope names, and of which it has one window each.
struct ScopeShape: Hashable, Sendable {
    let named: ScopeFields
    let each: ScopeFields
    let tagKeys: [String]
    let eachTagKeys: [String]
    /// The start of all keys of this shape. It keeps them apart from the keys of other shapes.
    private let start: QuickHash

    init(_ scope: Scope) {
        var named = ScopeFields()
        if scope.team != nil { named.insert(.team) }
        if scope.feature != nil { named.insert(.feature) }
        if scope.user != nil { named.insert(.user) }
        if scope.run != nil { named.insert(.run) }
        if scope.model != nil { named.insert(.model) }
        if scope.provider != nil { named.insert(.provider) }
        self.named = named
        each = scope.each
        tagKeys = scope.tags.map(\.key)
        eachTagKeys = scope.eachTag
        var start = QuickHash()
        start.combine(UInt64(named.rawValue) << 8 | UInt64(each.rawValue))
        for key in tagKeys { start.combine(key) }
        for key in eachTagKeys { start.combine(key) }
        self.start = start
    }

    /// All fields that a call needs to be counted, without tags.
    var fields: ScopeFields { named.union(each) }
    var hasWildcard: Bool { !each.isEmpty || !eachTagKeys.isEmpty }

    /// The key of a call for this shape; nil if the call lacks a field of the shape.
    func key(_ who: Attribution, _ hashes: FieldHashes) -> UInt64? {
        guard hashes.present.isSuperset(of: fields) else { return nil }
        var key = start
        hashes.combine(named, into: &key)
        for tagKey in tagKeys {
            guard let value = who.tag(tagKey) else { return nil }
            key.combine(value)
        }
        for tagKey in eachTagKeys where who.tag(tagKey) == nil { return nil }
        return key.value
    }

    /// The number under which the windows of a call's value are kept, for the budget with this number: that of
    /// `WindowKey.valueKey`. The call must have all fields of the shape.
    ///
    /// - Parameter model: the model that a value names (`ScopeIndex.valueModel`).
    func valueKey(ofBudget number: Int64, _ who: Attribution, _ model: ModelName, _ hashes: FieldHashes) -> UInt64 {
        guard hasWildcard else { return UInt64(bitPattern: number) }
        var key = QuickHash()
        key.combine(number)
        hashes.combine(each.subtracting([.model, .provider]), into: &key)
        if each.contains(.model) { key.combine(QuickHash(model.description).value) }
        if each.contains(.provider) { key.combine(hashes.provider) }
        for tagKey in eachTagKeys { key.combine(QuickHash(who.tag(tagKey) ?? "").value) }
        return key.value
    }

    static func == (left: ScopeShape, right: ScopeShape) -> Bool {
        left.named == right.named && left.each == right.each && left.tagKeys == right.tagKeys
            && left.eachTagKeys == right.eachTagKeys
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(named)
        hasher.combine(each)
        hasher.combine(tagKeys)
        hasher.combine(eachTagKeys)
    }
}

/// The hashes of a call's fields. Each is computed once for all shapes.
struct FieldHashes {
    /// Which of the wanted fields the call has.
    private(set) var present: ScopeFields = []
    private(set) var team: UInt64 = 0
    private(set) var feature: UInt64 = 0
    private(set) var user: UInt64 = 0
    private(set) var run: UInt64 = 0
    var model: UInt64 = 0
    private(set) var provider: UInt64 = 0

    init(_ who: Attribution, _ name: ModelName, _ wanted: ScopeFields) {
        let empty = QuickHash()
        func hash(_ field: ScopeFields, _ text: String?) -> UInt64 {
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

    /// Adds the hashes of `fields`.
    @inline(__always)
    func combine(_ fields: ScopeFields, into key: inout QuickHash) {
        if fields.contains(.team) { key.combine(team) }
        if fields.contains(.feature) { key.combine(feature) }
        if fields.contains(.user) { key.combine(user) }
        if fields.contains(.run) { key.combine(run) }
        if fields.contains(.model) { key.combine(model) }
        if fields.contains(.provider) { key.combine(provider) }
    }
}
