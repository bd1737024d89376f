extension Reason.Code {
    /// Why many calls were answered so, to follow their number: "3 calls, because …".
    package var summary: String {
        switch self {
        case .fundsHeld: "calls in flight held what was left"
        case .replicaFenced: "the server was cut off from its database"
        case .budgetExhausted: "a budget had too little left"
        case .overCallLimit: "one call could cost more than a whole budget"
        case .pacing: "a budget's spending was ahead of its plan"
        case .downgradeThreshold: "a budget was used to its downgrade threshold"
        case .overContext: "the prompt is longer than the model takes"
        case .modelNotPriced: "the model has no price"
        case .modelNotAllowed: "no model that is allowed could serve the call"
        case .requestSettled: "calls asked under a request_id that has its entry already"
        }
    }
}
