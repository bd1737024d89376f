/// A feature of a team: where calls count that name both.
package struct FeaturePlace: Hashable, Sendable, CustomStringConvertible {
    /// As the team was made.
    package let team: String
    package let feature: String

    package init(team: String, feature: String) {
        self.team = team
        self.feature = feature
    }

    package var description: String { "\(team)/\(feature)" }
}

/// The place that a caller named, where the calls of its feature count elsewhere by now. A class, so that the few calls
/// that have one make the others no larger.
package final class NamedPlace: Hashable, Sendable {
    package let place: FeaturePlace

    package init(_ place: FeaturePlace) { self.place = place }

    package static func == (left: NamedPlace, right: NamedPlace) -> Bool { left.place == right.place }

    package func hash(into hasher: inout Hasher) { hasher.combine(place) }
}
