/// The calls that wait for money that is held, in the order in which they came.
///
/// All of them ask PostgreSQL in one grant batch, ahead of the calls that came later, so none is overtaken: when money
/// may have come free, when a later call asks for money of a window that they wait for, and now and then.
struct WaitingLine: Sendable {
    /// The most calls that wait, so that one grant batch asks for all of them.
    static let maximumWaiters = 256
    /// How often the line asks again if nothing wakes it. A hold that ends on another replica is not announced.
    static let lookAgainNanoseconds: Int64 = 100_000_000
    /// How often it calls back what has become idle in the leases of other replicas.
    static let callBackNanoseconds: Int64 = 1_000_000_000

    /// By ticket, which counts up with the calls.
    private(set) var waiters: [LeaseQueue.Waiter] = []
    private(set) var looksAtNanoseconds: Int64 = 0
    private var callsBackAtNanoseconds: Int64 = 0

    var isEmpty: Bool { waiters.isEmpty }

    func contains(_ ticket: Int64) -> Bool { waiters.contains { $0.ticket == ticket } }

    /// Lets a call enter, or notes what a call in the line needs now. Returns false if the line is full.
    mutating func take(_ waiter: LeaseQueue.Waiter, at now: Moment) -> Bool {
        var waiter = waiter
        waiter.isInLine = true
        (waiter.ask.keepsPlace, waiter.ask.callsBack, waiter.ask.revocations) = (true, false, [:])
        if let place = waiters.firstIndex(where: { $0.ticket == waiter.ticket }) {
            waiters[place] = waiter
            return true
        }
        guard waiters.count < Self.maximumWaiters,
            windows.union(waiter.ask.leastNeeds.keys).count <= GrantBacklog.maximumAskedWindows
        else { return false }
        if isEmpty {
            looksAtNanoseconds = now.monotonicNanoseconds + Self.lookAgainNanoseconds
            callsBackAtNanoseconds = now.monotonicNanoseconds + Self.callBackNanoseconds
        }
        waiters.insert(waiter, at: waiters.lastIndex { $0.ticket < waiter.ticket }.map { $0 + 1 } ?? 0)
        return true
    }

    mutating func remove(_ ticket: Int64) { waiters.removeAll { $0.ticket == ticket } }

    /// Makes the line ask again as soon as it can.
    mutating func wake() { looksAtNanoseconds = 0 }

    private var windows: Set<Int64> { Set(waiters.lazy.flatMap(\.ask.leastNeeds.keys)) }

    /// Whether one of `others` asks for money that the line waits for.
    func isWanted(by others: [LeaseQueue.Waiter]) -> Bool {
        if isEmpty || others.isEmpty { return false }
        let windows = windows
        return others.contains { $0.ask.alternatives.joined().contains { windows.contains($0.windowID) } }
    }

    /// The calls as they ask now.
    mutating func ask(at now: Moment) -> [LeaseQueue.Waiter] {
        looksAtNanoseconds = now.monotonicNanoseconds + Self.lookAgainNanoseconds
        guard now.monotonicNanoseconds >= callsBackAtNanoseconds else { return waiters }
        callsBackAtNanoseconds = now.monotonicNanoseconds + Self.callBackNanoseconds
        return waiters.map { waiter in
            var waiter = waiter
            waiter.ask.callsBack = true
            return waiter
        }
    }
}
