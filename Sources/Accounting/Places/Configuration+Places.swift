/// What callers name, and what it stands for.
extension Configuration {
    /// The team that a name means, as it was made; nil if there is none.
    package func team(named name: String) -> String? {
        let team = names.team(named: name)
        return teams.contains(team) ? team : nil
    }

    /// The same call, as one of the team that its caller's name for it means.
    package func meant(_ who: Attribution) -> Attribution {
        names.isEmpty ? who : who.of(team: names.team(named: who.team))
    }

    /// The scope that is meant: of the team as it was made, and of the place to which its feature was moved.
    package func meant(_ scope: Scope) -> Scope {
        guard let team = scope.team else { return scope }
        let named = scope.of(team: names.team(named: team), feature: scope.feature)
        guard let place = named.place.flatMap(moves.destination) else { return named }
        return named.of(team: place.team, feature: place.feature)
    }

    /// What a caller is told that names a team or a feature otherwise than it is called now.
    ///
    /// - Parameters:
    ///   - named: as the caller names it.
    ///   - moment: when the call was made; nil for one that is made now.
    package func movedWarning(_ named: Attribution, at moment: Timestamp? = nil) -> CallWarning? {
        if names.isEmpty, moves.isEmpty { return nil }
        let meant = meant(named)
        let moved = moves.counted(meant, at: moment)
        let team = names.name(of: (moved ?? meant).team)
        if let moved, let feature = named.feature, let newFeature = moved.feature {
            return CallWarning(
                .moved, "\(named.team)/\(feature) was moved and counts as \(team)/\(newFeature): name that.")
        }
        guard team != named.team else { return nil }
        return CallWarning(.moved, "\(named.team) is called \(team) now: name that.")
    }
}
