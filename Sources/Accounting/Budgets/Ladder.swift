/// The models that a team's feature may use, best first, and the lowest model it may be sent to.
package struct Ladder: Hashable, Sendable {
    package let team: String
    /// Nil for the ladder of all features that have no ladder of their own.
    package let feature: String?
    package let models: [String]
    /// One of `models`; nil means the last of them.
    package let floor: String?

    package init(team: String, feature: String?, models: [String], floor: String?) {
        self.team = team
        self.feature = feature
        self.models = models
        self.floor = floor
    }
}
