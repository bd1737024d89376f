/// The name of a call: its request id is unique within the team that its caller named.
package struct RequestName: Hashable, Sendable {
    package let team: String
    package let id: String

    package init(team: String, id: String) {
        self.team = team
        self.id = id
    }

    /// A hash that is the same throughout a process.
    var quickHash: UInt64 { Self.quickHash(team, id) }

    static func quickHash(_ team: String, _ id: String) -> UInt64 {
        var hash = QuickHash(team)
        hash.combine(id)
        return hash.value
    }
}
