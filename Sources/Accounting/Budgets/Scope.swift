/// Whose money a call spends, and for what.
package struct Attribution: Hashable, Sendable {
    package let team: String
    package let feature: String?
    package let user: String?
    package let run: String?
    /// Sorted by key, each key once.
    package let tags: [Tag]
    /// What the caller named in place of team and feature; nil unless the feature was moved.
    package let named: NamedPlace?

    package init(
        team: String, feature: String? = nil, user: String? = nil, run: String? = nil, tags: [Tag] = [],
        named: NamedPlace? = nil
    ) {
        self.team = team
        self.feature = feature
        self.user = user
        self.run = run
        self.tags = tags.sorted { $0.key < $1.key }
        self.named = named
    }

    /// The team that the caller named. Ids are unique within it, so a retry finds its first over a move.
    package var callersTeam: String { named?.place.team ?? team }
    /// The feature that the caller named.
    package var callersFeature: String? { named?.place.feature ?? feature }

    /// The same call, as one of another place than the one that was named.
    func counted(at place: FeaturePlace, named: NamedPlace) -> Attribution {
        Attribution(
            team: place.team, feature: place.feature, user: user, run: run, sortedTags: tags, named: named)
    }

    /// The same call, as one of a team by the name with which that was made.
    package func of(team: String) -> Attribution {
        Attribution(team: team, feature: feature, user: user, run: run, sortedTags: tags, named: named)
    }

    init(
        team: String, feature: String?, user: String?, run: String?, sortedTags: [Tag], named: NamedPlace? = nil
    ) {
        self.team = team
        self.feature = feature
        self.user = user
        self.run = run
        tags = sortedTags
        self.named = named
    }

    package func tag(_ key: String) -> String? { tags.first { $0.key == key }?.value }
}

/// One `key: value` label of a call.
package struct Tag: Hashable, Sendable {
    package let key: String
    package let value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// Which calls a budget counts: those that have every value the scope names, and any value of the fields of which it has
/// one window each. A call without a field never matches a scope that speaks of this field.
///
/// A scope without a team counts the calls of every team; one that names nothing counts all.
package struct Scope: Hashable, Sendable {
    package let team: String?
    package let feature: String?
    package let user: String?
    package let run: String?
    package let model: String?
    package let provider: String?
    package let tags: [Tag]
    /// The fields of which each value has windows of its own: those that are `"*"`.
    package let each: ScopeFields
    /// The keys of the tags of which each value has windows of its own, sorted.
    package let eachTag: [String]

    package init(
        team: String? = nil, feature: String? = nil, user: String? = nil, run: String? = nil, model: String? = nil,
        provider: String? = nil, tags: [Tag] = [], each: ScopeFields = [], eachTag: [String] = []
    ) {
        self.team = team
        self.feature = feature
        self.user = user
        self.run = run
        self.model = model
        self.provider = provider
        self.tags = tags.sorted { $0.key < $1.key }
        self.each = each
        self.eachTag = eachTag.sorted()
    }

    /// What stands for any value in a scope.
    package static let wildcard = "*"

    /// Whether each value of some field has windows of its own.
    package var hasWildcard: Bool { !each.isEmpty || !eachTag.isEmpty }

    /// The feature of a team that the scope names; nil if it counts others too.
    package var place: FeaturePlace? {
        guard let team, let feature else { return nil }
        return FeaturePlace(team: team, feature: feature)
    }

    /// Whether the scope, or each of its values, names a feature together with its team. Such a budget goes with a feature
    /// that is moved, with all that it has spent.
    package var followsFeature: Bool { place != nil || each.isSuperset(of: [.team, .feature]) }

    /// Whether the windows of a value are found by the model that serves a call.
    var isEachOfModel: Bool { !each.isDisjoint(with: [.model, .provider]) }

    /// The names of the fields with a window for each value, in the order in which `WindowValue` has their values.
    package var eachNames: [String] { each.names + eachTag.map { ScopeFields.tagPrefix + $0 } }
}

/// Fields of a scope, without tags.
package struct ScopeFields: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let team = ScopeFields(rawValue: 1)
    package static let feature = ScopeFields(rawValue: 2)
    package static let user = ScopeFields(rawValue: 4)
    package static let run = ScopeFields(rawValue: 8)
    package static let model = ScopeFields(rawValue: 16)
    package static let provider = ScopeFields(rawValue: 32)

    /// In the order of their bits.
    package static let all: [(field: ScopeFields, name: String)] = [
        (.team, "team"), (.feature, "feature"), (.user, "user"), (.run, "run"), (.model, "model"),
        (.provider, "provider"),
    ]
    /// What comes before the key of a tag in a list of fields.
    package static let tagPrefix = "tag:"

    package var names: [String] { Self.all.filter { contains($0.field) }.map(\.name) }

    package init(names: some Sequence<String>) {
        self = names.reduce(into: []) { fields, name in
            if let known = Self.all.first(where: { $0.name == name }) { fields.insert(known.field) }
        }
    }
}
