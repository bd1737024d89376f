/// The budgets that count a call on one model, ordered by number, and the accounts of their current windows.
struct MatchedBudgets: Sendable {
    struct Place: Sendable {
        /// The budget's place in the scope index, and where the windows of the call's value are kept.
        let match: ScopeIndex.Match
        let terms: ScopeIndex.Terms
        /// The account's place in the window table; nil if this replica has not seen the window.
        let account: Int?
    }

    var budgets: [ScopeIndex.Match] = []
    var places: [Place] = []
    /// The places of the accounts that exist. A budget check makes one charge for each, in this order.
    var accounts: [Int] = []

    var count: Int { places.count }
    var indices: Range<Int> { places.indices }
    subscript(index: Int) -> Place { places[index] }
}

extension AdmissionEngine {
    /// Finds the budgets that count a call of `who` on `model` and stores them in `matched`.
    mutating func count(_ who: Attribution, _ model: ModelName, at now: Timestamp) {
        let scopes = configuration.scopes
        scopes.find(who, model, into: &matched.budgets)
        matched.places.removeAll(keepingCapacity: true)
        matched.accounts.removeAll(keepingCapacity: true)
        for match in matched.budgets {
            let terms = scopes.terms[match.place]
            let account =
                terms.hasWildcard
                ? accounts.current(under: match.valueKey, ofBudget: terms.number, at: now) {
                    scopes.isValue($0, of: who, model, at: match.place)
                } : accounts.current(ofBudget: terms.number, indexedAt: match.place, at: now)
            matched.places.append(MatchedBudgets.Place(match: match, terms: terms, account: account))
            if let account { matched.accounts.append(account) }
        }
    }

    /// The window at `moment` of the budget at `place` in the scope index, for a call of `who` on `model`.
    func windowKey(ofBudgetAt place: Int, _ who: Attribution, _ model: ModelName, at moment: Timestamp) -> WindowKey {
        let scopes = configuration.scopes
        return WindowKey(
            budgetNumber: scopes.terms[place].number, span: scopes.budgets[place].window(containing: moment),
            value: scopes.value(of: who, model, at: place))
    }

    /// The budget at `index` in `matched`.
    func matchedBudget(_ index: Int) -> Budget { configuration.scopes.budgets[matched[index].match.place] }

    /// The states of the budgets in `matched` whose windows this replica has seen.
    func statesOfCounting() -> [BudgetState] {
        var states: [BudgetState] = []
        states.reserveCapacity(matched.count)
        for index in matched.indices {
            guard let place = matched[index].account else { continue }
            states.append(state(of: matchedBudget(index), accounts[place: place]))
        }
        return states
    }
}
