import ArgumentParser

/// The team or feature that a ladder is for, written `TEAM` or `TEAM/FEATURE`.
struct LadderTarget: ParsableArguments {
    @Argument(help: ArgumentHelp("The team, or the team and one of its features.", valueName: "team[/feature]"))
    var target: String

    @Option(help: "The feature, where the team's own name has a '/' in it.", transform: Name.checked)
    var feature: String?

    var parts: (team: String, feature: String?) {
        guard feature == nil, let slash = target.firstIndex(of: "/") else { return (target, feature) }
        return (String(target[..<slash]), String(target[target.index(after: slash)...]))
    }

    func validate() throws {
        _ = try Name.checked(parts.team)
        _ = try parts.feature.map(Name.checked)
    }

    func route() throws(CommandFailure) -> Route {
        guard let feature = parts.feature else { return try Route("ladders", parts.team) }
        return try Route("ladders", parts.team, feature)
    }
}
