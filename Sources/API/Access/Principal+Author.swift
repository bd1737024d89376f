import Accounting
import Ledger

extension Principal {
    /// Who changes a budget of `team`. Throws where the caller may change none.
    func author(of team: String?, reason: String? = nil) throws(Problem) -> BudgetStore.Author {
        let author = asker(of: team, reason: reason)
        if author.mayChange.isEmpty { try require(.changeBudgets(of: .team, team: team)) }
        return author
    }

    /// Who asks for a budget of `team`, with what it may change itself.
    func asker(of team: String?, reason: String? = nil) -> BudgetStore.Author {
        BudgetStore.Author(
            name: name, mayChange: Set(Budget.Owner.allCases.filter { may(.changeBudgets(of: $0, team: team)) }),
            reason: reason)
    }
}
