extension Scope {
    /// The value of a window, with its team as that is called now.
    package func called(_ value: WindowValue, _ names: TeamNames) -> WindowValue {
        guard !names.isEmpty, each.contains(.team), let team = value.values.first else { return value }
        return WindowValue([names.name(of: team)] + value.values.dropFirst())
    }

    /// The value of a window that was named, with its team as that was made.
    package func meant(_ value: WindowValue, _ names: TeamNames) -> WindowValue {
        guard !names.isEmpty, each.contains(.team), let name = value.values.first else { return value }
        return WindowValue([names.team(named: name)] + value.values.dropFirst())
    }

    /// The values by which the scope parts the calls of a place; nil if it does not count them.
    package func parts(of place: FeaturePlace) -> [String]? {
        guard team == nil || team == place.team, feature == nil || feature == place.feature else { return nil }
        return (each.contains(.team) ? [place.team] : []) + (each.contains(.feature) ? [place.feature] : [])
    }

    /// The same scope of another team or feature.
    package func of(team: String?, feature: String?) -> Scope {
        Scope(
            team: team, feature: feature, user: user, run: run, model: model, provider: provider, tags: tags,
            each: each, eachTag: eachTag)
    }
}
