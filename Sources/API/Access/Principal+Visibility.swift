extension Principal {
    /// What a name stands for, if the caller may read it.
    ///
    /// Else nothing is found, whether another team has something of this name or nobody: who may not read it does not
    /// learn that it is there. A role that reads nothing of the kind is told that.
    ///
    /// - Parameter absence: a sentence without its period, such as "There is no budget b".
    func visible<Thing>(
        _ thing: Thing?, of team: (Thing) -> String?, else absence: @autoclosure () -> String
    ) throws(Problem) -> Thing {
        if let thing, may(.read(team: team(thing))) { return thing }
        try require(.read(team: self.team))
        throw Problem(.notFound, "\(absence())\(self.team.map { " of \($0)" } ?? "").")
    }
}
