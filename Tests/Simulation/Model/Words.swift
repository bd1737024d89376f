import Accounting
import Ledger

// Short forms for the trace.

extension LedgerQueue.Outcome {
    var word: String {
        switch self {
        case .committed(let batch, _):
            "committed, " + batch.endings.map { "\($0.hold.id.replicaID)-\($0.hold.id.number)" }.joined(separator: " ")
        case .lostRace: "lost a race"
        case .lostPast: "lost its past"
        case .failed: "failed"
        case .unanswered: "unanswered"
        case .refused(let state): "refused \(state)"
        }
    }
}

extension ControlQueue.Answer {
    var word: String {
        switch self {
        case .loaded(let configuration, _): "configuration \(configuration?.version ?? 0)"
        case .updates(let updates):
            "ended \(updates.ended.map(\.number)), revoked \(updates.revoked.sorted())"
        default: "\(self)"
        }
    }
}

extension GrantBatch.Result: CustomStringConvertible {
    package var description: String {
        let windows = facts.map {
            """
            window \($0.windowID): \($0.spent) spent, \($0.leased) leased, \($0.leasedHere) here, revocation \
            \($0.revocation)\($0.isRevocationUnderWay ? " under way" : "")
            """
        }
        return """
            \(plan.answers.map { "\($0)" }), granted \(plan.grants), revoked \(plan.revoked.sorted()); \
            \(windows.joined(separator: "; "))
            """
    }
}
