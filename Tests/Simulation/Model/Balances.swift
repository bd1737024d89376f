import Accounting
import Ledger

/// What each budget has left in the window of the true time, and the least that it had since any earlier moment.
struct Balances {
    struct Balance: Equatable {
        /// The part of the limit that is not spent.
        var left: Int64
        /// The part of `left` that replicas can spend or give back now: neither held, nor in a lease of an unreachable
        /// replica.
        var unheld: Int64
    }

    private struct History {
        var last: Balance?
        var left = SuffixMinima()
        var unheld = SuffixMinima()
    }

    /// A budget, or a value of one that has windows for each.
    struct Place: Hashable {
        let budgetNumber: Int64
        var value = WindowValue.none
    }

    private var histories: [Place: History] = [:]
    /// Counts the looks and the calls that begin.
    private var moment = 0
    /// How much of each lease is held, by its window in all, and the leases of each replica.
    private var held: [SimulatedDatabase.LeaseKey: Int64] = [:]
    private var heldOfWindow: [Int64: Int64] = [:]
    private var leasesOfReplica: [Int64: Set<SimulatedDatabase.LeaseKey>] = [:]
    /// The id of each replica that is reachable, by its index, and the other way round.
    private var reachable: [Int: Int64] = [:]
    private var holders: [Int64: Set<Int>] = [:]

    /// Takes in what has changed.
    mutating func refresh(_ changes: Changes, _ simulation: Simulation) {
        var keys = changes.leases
        for index in changes.replicas {
            let replica = simulation.replicas[index]
            let id = replica.isReachable ? replica.replicaID : nil
            for id in [reachable[index], id] { if let id { keys.formUnion(leasesOfReplica[id] ?? []) } }
            guard id != reachable[index] else { continue }
            if let former = reachable[index] { holders[former]!.remove(index) }
            if let id { holders[id, default: []].insert(index) }
            reachable[index] = id
        }
        for key in keys { refresh(key, simulation) }
        moment += 1
        for budget in simulation.database.configuration.budgets {
            let values = budget.scope.hasWildcard ? SampleDeployment.runs.map { WindowValue([$0]) } : [.none]
            for value in values {
                let place = Place(budgetNumber: budget.number, value: value)
                let now = balance(of: budget, value, simulation)
                if now != histories[place]?.last { add(now, place) }
            }
        }
    }

    private mutating func refresh(_ key: SimulatedDatabase.LeaseKey, _ simulation: Simulation) {
        leasesOfReplica[key.replicaID, default: []].insert(key)
        let amount = simulation.database.leases[key]?.amount ?? 0
        var now: Int64 = 0
        if amount > 0 {
            // A live replica can give back what it does not hold. A lease of any other replica counts as held.
            let holder = holders[key.replicaID]?.min().map { simulation.replicas[$0] }
            let book = holder?.books.first { $0.windowID == key.windowID }
            now = book.map { max($0.held, amount - $0.idle) } ?? amount
        }
        heldOfWindow[key.windowID, default: 0] += now - (held[key] ?? 0)
        held[key] = now
    }

    private func balance(of budget: Budget, _ value: WindowValue, _ simulation: Simulation) -> Balance {
        let database = simulation.database
        let key = WindowKey(
            budgetNumber: budget.number, span: budget.window(containing: simulation.wall), value: value)
        guard let id = database.windowIDs[key], let window = database.windows[id] else {
            let limit = database.limit(of: key, carried: 0)
            return Balance(left: limit, unheld: limit)
        }
        let left = window.limit - window.spent
        return Balance(left: left, unheld: left - (heldOfWindow[id] ?? 0))
    }

    private mutating func add(_ balance: Balance, _ place: Place) {
        histories[place, default: History()].last = balance
        histories[place]!.left.add(balance.left, at: moment)
        histories[place]!.unheld.add(balance.unheld, at: moment)
    }

    /// Begins a time in which to know the least that there was, and returns its beginning.
    mutating func begin() -> Int {
        moment += 1
        for (place, history) in histories { add(history.last!, place) }
        return moment
    }

    /// The least that a budget had since `moment`.
    func least(of place: Place, since moment: Int) -> Balance {
        let history = histories[place]!
        return Balance(left: history.left.least(since: moment)!, unheld: history.unheld.least(since: moment)!)
    }
}
