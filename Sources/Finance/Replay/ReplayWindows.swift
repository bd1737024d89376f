import Accounting
import HeapModule
import Ledger

/// The windows of the budgets that are tried: what each has spent, and what it inherits.
struct ReplayWindows {
    /// What a rolling window has spent, by when it no longer counts.
    fileprivate struct Leaving {
        let at: Timestamp
        let windowID: Int64
        let amount: Int64
    }

    /// The spending of one rolling budget, in the order in which it leaves.
    fileprivate struct LeavingQueue {
        var spending: [Leaving] = []
        var first = 0
    }

    /// When a window is over, or is looked at again because a call holds money in it.
    private struct Ending: Comparable {
        let at: Timestamp
        let windowID: Int64
        let key: WindowKey

        static func < (left: Ending, right: Ending) -> Bool { (left.at, left.windowID) < (right.at, right.windowID) }
    }

    /// The newest window of a value.
    private struct Newest {
        let windowID: Int64
        let end: Timestamp?
        /// What it had left when it was closed; nil while it is open.
        var left: Int64?
    }

    /// How long after its end a window is closed, because the clocks of replicas differ.
    private static let graceSeconds: Int64 = 60

    private let configuration: Configuration
    private let from: Timestamp
    /// What the windows at `from` had spent, by budget and value.
    private var opening: [Int64: [WindowValue: [BudgetSpending.Part]]] = [:]
    private var lastID: Int64 = 0
    /// By window, its budget.
    private var budgets: [Int64] = [0]
    private var leaving: [Int64: LeavingQueue] = [:]
    /// The newest window of each value of the budgets that carry over what is left.
    private var newest: [Int64: [WindowValue: Newest]] = [:]
    private var endings = Heap<Ending>()

    init(_ configuration: Configuration, from: Timestamp, opening: [BudgetSpending.Part]) {
        self.configuration = configuration
        self.from = from
        for part in opening { self.opening[part.budgetNumber, default: [:]][part.value, default: []].append(part) }
    }

    mutating func open(_ key: WindowKey, _ engine: inout AdmissionEngine) {
        guard let budget = configuration.scopes.budget(key.budgetNumber) else { return }
        lastID += 1
        budgets.append(key.budgetNumber)
        let parts = key.span.contains(from) ? opening[key.budgetNumber]?.removeValue(forKey: key.value) ?? [] : []
        let spent = parts.reduce(Int64(0)) { $0.plus($1.amount) }
        let limit = budget.firstLimit(of: key.span).plus(carried(to: key, of: budget, engine))
        engine.own(key, windowID: lastID, limit: limit, spent: spent)
        if let end = key.span.end {
            endings.insert(Ending(at: end.adding(seconds: Self.graceSeconds), windowID: lastID, key: key))
        }
        for part in parts { if let at = part.leavesAt { leave(part.amount, at, lastID, key.budgetNumber) } }
    }

    /// Opens the windows that no call has waited for.
    mutating func openUnopened(_ engine: inout AdmissionEngine) {
        guard engine.hasUnopenedWindows else { return }
        for key in engine.takeUnopenedWindows() { open(key, &engine) }
    }

    /// Charges a window. Returns the number of its budget.
    mutating func apply(_ charge: WindowCharge, _ engine: inout AdmissionEngine) -> Int64? {
        let windowID: Int64
        switch charge.target {
        case .window(let id): windowID = id
        case .unopened(let key):
            open(key, &engine)
            windowID = lastID
        }
        engine.charge(charge.spent, toOwned: windowID)
        let number = budgets[Int(windowID)]
        if let at = charge.leavesAt, charge.spent != 0 { leave(charge.spent, at, windowID, number) }
        return number
    }

    /// Takes out of rolling windows what no longer counts.
    mutating func expire(by now: Timestamp, _ engine: inout AdmissionEngine) {
        if leaving.isEmpty { return }
        for number in leaving.keys {
            while let due = leaving[number]?.next(by: now) { engine.charge(-due.amount, toOwned: due.windowID) }
        }
    }

    /// Closes the windows that are over, so that a long replay keeps no more of them than are in use at once.
    mutating func close(by now: Timestamp, _ engine: inout AdmissionEngine) {
        while let ending = endings.min, ending.at <= now {
            endings.removeMin()
            let (id, key) = (ending.windowID, ending.key)
            let left = engine.leftInWindow(id)
            guard engine.closeOwned(id) else {
                endings.insert(Ending(at: now.adding(seconds: Self.graceSeconds), windowID: id, key: key))
                continue
            }
            if newest[key.budgetNumber]?[key.value]?.windowID == id {
                newest[key.budgetNumber]?[key.value]?.left = left
            }
        }
    }

    private mutating func leave(_ amount: Int64, _ at: Timestamp, _ windowID: Int64, _ number: Int64) {
        leaving[number, default: LeavingQueue()].add(Leaving(at: at, windowID: windowID, amount: amount))
    }

    /// What a window inherits of the one before, if that was of the replay too.
    private mutating func carried(to key: WindowKey, of budget: Budget, _ engine: AdmissionEngine) -> Int64 {
        guard budget.rules.carryOver != .none else { return 0 }
        let before = newest[key.budgetNumber]?[key.value]
        // A window that was closed opens again for what is settled late.
        if let end = before?.end, end > key.span.start { return 0 }
        newest[key.budgetNumber, default: [:]][key.value] = Newest(windowID: lastID, end: key.span.end)
        guard let before, before.end == key.span.start,
            let left = before.left ?? engine.leftInWindow(before.windowID)
        else { return 0 }
        return switch budget.rules.carryOver {
        case .none: 0
        case .all: max(0, left)
        case .upTo(let cap): min(max(0, left), cap)
        }
    }
}

extension ReplayWindows.LeavingQueue {
    /// What is spent later nearly always leaves later.
    fileprivate mutating func add(_ leaving: ReplayWindows.Leaving) {
        var place = spending.count
        while place > first, spending[place - 1].at > leaving.at { place -= 1 }
        spending.insert(leaving, at: place)
    }

    fileprivate mutating func next(by now: Timestamp) -> ReplayWindows.Leaving? {
        guard first < spending.count, spending[first].at <= now else { return nil }
        defer { first += 1 }
        if first > 4_096, first * 2 > spending.count {
            spending.removeFirst(first)
            first = 0
        }
        return spending[first]
    }
}
