/// A feature that another team has taken over, or that is called otherwise.
package struct FeatureMove: Hashable, Sendable {
    package let from: FeaturePlace
    package let to: FeaturePlace
    package let movedAt: Timestamp

    package init(from: FeaturePlace, to: FeaturePlace, movedAt: Timestamp) {
        self.from = from
        self.to = to
        self.movedAt = movedAt
    }
}

/// Where calls count that name a place from which a feature was moved.
///
/// Chains are followed when the table is made, so a look-up follows none. A feature that is moved back ends the detour:
/// its old place is a place of its own again.
package struct FeatureMoves: Sendable {
    /// Where the calls of one named place count, from one time to the next.
    private struct Route: Sendable {
        let named: NamedPlace
        /// In the order of time. Nil: at the named place itself.
        var legs: [(since: Timestamp, to: FeaturePlace?)] = []

        var now: FeaturePlace? { legs.last?.to }
    }

    private var routes: [FeaturePlace: Route] = [:]

    /// - Parameter moves: in the order in which they were made.
    package init(_ moves: [FeatureMove] = []) {
        for move in moves {
            let behind = routes.filter { $0.value.now == move.from }.keys
            for place in behind where place != move.to { lead(place, to: move.to, since: move.movedAt) }
            lead(move.from, to: move.to, since: move.movedAt)
            if routes[move.to] != nil { lead(move.to, to: nil, since: move.movedAt) }
        }
    }

    private mutating func lead(_ place: FeaturePlace, to destination: FeaturePlace?, since: Timestamp) {
        routes[place, default: Route(named: NamedPlace(place))].legs.append((since, destination))
    }

    package var isEmpty: Bool { routes.isEmpty }

    /// Where calls that name `place` count now; nil: there.
    package func destination(of place: FeaturePlace) -> FeaturePlace? { routes[place]?.now }

    /// The places whose calls count at `place` now, besides itself.
    package func formerPlaces(of place: FeaturePlace) -> [FeaturePlace] {
        routes.filter { $0.value.now == place }.keys.sorted { ($0.team, $0.feature) < ($1.team, $1.feature) }
    }

    /// Whose spending a call of `who` is: nil if it is theirs.
    ///
    /// - Parameter moment: when the call was made; nil for one that is made now. Clocks differ, so no clock decides
    ///   whether a move holds for a call of now.
    package func counted(_ who: Attribution, at moment: Timestamp? = nil) -> Attribution? {
        guard !routes.isEmpty, let feature = who.feature,
            let route = routes[FeaturePlace(team: who.team, feature: feature)]
        else { return nil }
        let destination =
            if let moment { route.legs.last { $0.since <= moment }?.to } else { route.now }
        return destination.map { who.counted(at: $0, named: who.named ?? route.named) }
    }
}
