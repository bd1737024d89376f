/// What teams are called.
///
/// In the ledger and in all that is configured a team has one name for good: the one it was made with. A renamed team is
/// called otherwise, and every name that it ever had means it.
package struct TeamNames: Sendable {
    /// Another name that a team was given.
    package struct Rename: Sendable {
        /// As the team was made.
        package let team: String
        package let name: String

        package init(team: String, name: String) {
            self.team = team
            self.name = name
        }
    }

    private var teams: [String: String] = [:]
    private var current: [String: String] = [:]

    /// - Parameter renames: in the order in which they were made.
    package init(_ renames: [Rename] = []) {
        for rename in renames {
            teams[rename.name] = rename.team
            current[rename.team] = rename.name
        }
    }

    /// Whether every team is called as it was made.
    package var isEmpty: Bool { teams.isEmpty }

    /// The team that `name` means, as it was made.
    package func team(named name: String) -> String { isEmpty ? name : teams[name] ?? name }

    /// What a team is called now.
    package func name(of team: String) -> String { isEmpty ? team : current[team] ?? team }

    package func called(_ team: String?) -> String? { team.map { name(of: $0) } }

    /// Every name of a team but its present one, sorted.
    package func formerNames(of team: String) -> [String] {
        guard current[team] != nil else { return [] }
        let names = Set(teams.filter { $0.value == team }.keys).union([team])
        return names.subtracting([name(of: team)]).sorted()
    }
}
