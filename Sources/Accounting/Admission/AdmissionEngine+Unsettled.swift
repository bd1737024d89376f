extension AdmissionEngine {
    /// What becomes of a hold that expires now: what the most recording of the budgets that count its call says, else what its
    /// team says.
    package mutating func unsettled(_ hold: Hold) -> BudgetRules.Unsettled {
        guard configuration.mayEstimate else { return .record }
        let scopes = configuration.scopes
        _ = configuration.find(recorded: hold.who, hold.model, into: &matched.budgets)
        let most = matched.budgets.map { scopes.budgets[$0.place].rules.unsettled }.max() ?? .record
        return most > .record ? most : configuration.unsettledOfTeams[hold.who.team] ?? .record
    }
}
