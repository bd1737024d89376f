/// The budgets that count a call on one model, by number, and the accounts of the windows they are in.
struct Counting: Sendable {
    struct Place: Sendable {
        /// In the index of scopes.
        let budget: Int
        let terms: ScopeIndex.Terms
        /// In the desk's accounts; nil where this replica has not seen the window.
        let account: Int?
    }

    var budgets: [Int] = []
    var places: [Place] = []
    /// The accounts there are: those that charges are made of, in the order of the charges.
    var accounts: [Int] = []

    var count: Int { places.count }
    var indices: Range<Int> { places.indices }
    subscript(index: Int) -> Place { places[index] }
}

extension Desk {
    /// Finds what counts a call of `who` on `model`, into `counting`.
    mutating func count(_ who: Attribution, _ model: ModelName, at now: Timestamp) {
        let scopes = configuration.scopes
        scopes.find(who, model, into: &counting.budgets)
        counting.places.removeAll(keepingCapacity: true)
        counting.accounts.removeAll(keepingCapacity: true)
        for place in counting.budgets {
            let terms = scopes.terms[place]
            let account = accounts.current(ofBudget: terms.number, indexedAt: place, at: now)
            counting.places.append(Counting.Place(budget: place, terms: terms, account: account))
            if let account { counting.accounts.append(account) }
        }
    }

    /// One of those in `counting`.
    func countingBudget(_ index: Int) -> Budget { configuration.scopes.budgets[counting[index].budget] }

    /// How the budgets in `counting` stand.
    func statesOfCounting() -> [BudgetState] {
        var states: [BudgetState] = []
        states.reserveCapacity(counting.count)
        for index in counting.indices {
            guard let place = counting[index].account else { continue }
            states.append(state(of: countingBudget(index), accounts[place: place]))
        }
        return states
    }
}
