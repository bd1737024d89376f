import Accounting

/// The order in which calls came to one replica, and when each was last seen in its line.
struct OrderOfCalls {
    private struct Arrival {
        let number: Int
        let replicaID: Int64
        let day: CalendarDay
    }

    private var arrivals: [String: Arrival] = [:]
    private var lastSeen: [String: Int64] = [:]

    mutating func came(_ call: Call, on replicaID: Int64, at now: Moment) {
        arrivals[call.requestID] = Arrival(number: arrivals.count, replicaID: replicaID, day: now.wall.day)
    }

    mutating func saw(_ line: [Call], at microseconds: Int64) {
        for call in line { lastSeen[call.requestID] = microseconds }
    }

    /// Whether `call` came before that of `hold` and knows the same windows. Over midnight, or after the replica has
    /// registered anew, it has to learn of its windows first.
    func isAhead(_ call: Call, of hold: Hold, on replicaID: Int64, at now: Moment) -> Bool {
        guard let first = arrivals[call.requestID], let second = arrivals[hold.requestID] else { return false }
        return first.number < second.number && first.replicaID == replicaID && first.day == now.wall.day
    }

    func hadWaiting(otherThan requestID: String, since microseconds: Int64) -> Bool {
        lastSeen.contains { $0.key != requestID && $0.value >= microseconds }
    }
}
