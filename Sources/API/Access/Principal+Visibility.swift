extension Principal {
    /// What a name stands for. Where there is nothing of this name, that is told; where it is another team's, the caller may
    /// not read it.
    ///
    /// - Parameters:
    ///   - absence: a sentence without its period, such as "There is no budget b".
    ///   - missing: the name, if others like it can be told.
    func visible<Thing>(
        _ thing: Thing?, of team: (Thing) -> String?, else absence: @autoclosure () -> String,
        missing: MissingName? = nil
    ) throws(Problem) -> Thing {
        try require(.read(team: thing.map(team) ?? self.team))
        if let thing { return thing }
        var problem = Problem(.notFound, "\(absence()).")
        problem.missing = missing
        throw problem
    }
}
