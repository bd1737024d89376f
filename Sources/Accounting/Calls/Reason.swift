/// Why a call was not admitted as requested, for programs and for team leads.
package struct Reason: Hashable, Sendable {
    /// Ordered by how soon the reason may pass. Of several reasons, the verdict reports the first in this order.
    package enum Code: String, Sendable, CaseIterable {
        case fundsHeld = "funds_held"
        case replicaFenced = "replica_fenced"
        case budgetExhausted = "budget_exhausted"
        case overCallLimit = "over_call_limit"
        case pacing
        case downgradeThreshold = "downgrade_threshold"
        case overContext = "over_context"
        case modelNotPriced = "model_not_priced"
        case modelNotAllowed = "model_not_allowed"
        case requestSettled = "request_settled"
    }

    package let code: Code
    /// One sentence.
    package let message: String
    package var budgetID: String?
    package var resetsAt: Timestamp?
    package var retryAfterSeconds: Int64?

    /// The reason to report if each candidate was refused for one of `reasons`: the one that may pass soonest. Of several
    /// alike it is that of the model that was asked for, or else of the lowest one, which decides.
    static func mostHopeful(_ reasons: [Reason]) -> Reason? {
        for code in Code.allCases {
            if let first = reasons.first, first.code == code { return first }
            if let reason = reasons.last(where: { $0.code == code }) { return reason }
        }
        return nil
    }
}
