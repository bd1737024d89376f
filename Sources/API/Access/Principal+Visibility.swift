extension Principal {
    /// What a name stands for. Where there is nothing of this name, that is told; where it is another team's, the caller may
    /// not read it.
    ///
    /// - Parameter absence: a sentence without its period, such as "There is no budget b".
    func visible<Thing>(
        _ thing: Thing?, of team: (Thing) -> String?, else absence: @autoclosure () -> String
    ) throws(Problem) -> Thing {
        try require(.read(team: thing.map(team) ?? self.team))
        guard let thing else { throw Problem(.notFound, "\(absence()).") }
        return thing
    }
}
