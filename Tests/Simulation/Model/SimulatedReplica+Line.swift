import Accounting
import Ledger

/// What is checked of the calls that wait in line on a replica.
extension SimulatedReplica {
    /// Of the calls of `line`, those that are still in it have kept their place before the calls that were admitted now.
    func lookAtOrder(_ outcomes: [AuthorizeOutcome?], _ line: [Call]) {
        guard !line.isEmpty else { return }
        let still = Set(update { $0.leases.waitingCalls.map(\.requestID) })
        let waiting = line.filter { still.contains($0.requestID) }
        let idle = Dictionary(uniqueKeysWithValues: update { $0.leaseViews }.map { ($0.windowID, $0.idle) })
        let scopes = simulation.database.configuration.scopes
        for case .verdict(let verdict, _)? in outcomes {
            guard let hold = verdict.hold else { continue }
            if line.contains(where: { $0.requestID == hold.requestID }) { simulation.note { $0.admittedFromLine += 1 } }
            let ahead = waiting.filter { order.isAhead($0, of: hold, on: replicaID!, at: moment) }
            for charge in hold.charges where charge.isLeased {
                let needed = ahead.filter { call in
                    var counting: [ScopeIndex.Match] = []
                    scopes.find(call.who, SampleDeployment.model, into: &counting)
                    return counting.contains { scopes.budgets[$0.place].number == charge.budgetNumber }
                }.map(SampleDeployment.leastAmount).reduce(0, +)
                if needed > 0, (idle[charge.windowID] ?? 0) < needed {
                    simulation.fail(
                        .servedInOrder,
                        "\(hold.requestID) took money of window \(charge.windowID) that calls before it wait for")
                }
            }
        }
    }

    /// The output that a client is told it may have.
    func outputTold(_ verdict: Verdict, _ call: Call) -> Int64 {
        if simulation.bug == .clampHoldsTooLittle, verdict.isClamped { return call.maxOutputTokens! }
        return verdict.maxOutputTokens!
    }

    /// Whether another call than one waited in line since a moment of the run.
    func hadWaiting(otherThan requestID: String, sinceMicroseconds moment: Int64) -> Bool {
        order.hadWaiting(otherThan: requestID, since: moment)
    }
}
