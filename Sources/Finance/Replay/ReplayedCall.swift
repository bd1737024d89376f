import Accounting

/// What a replay made of a call that the log has not ended yet.
struct ReplayedCall {
    let call: LoggedCall
    /// Nil where the replay denied the call, or its hold has expired.
    var hold: Hold?
    let maxOutputTokens: Int64?
    let row: Int
    /// Whether the hold has ended without usage: what still comes is a charge of its own.
    var hasExpired = false
    /// What was charged for it because nobody had settled it, in the replay and in truth.
    var estimate: Spending?
    var realEstimate: Money?

    /// What a call is charged.
    struct Spending {
        let served: ModelName
        /// Nil where unpriced.
        let cost: Money?
        let tokens: Int64
        let occurredAt: Timestamp
        var calls: Int64 = 1

        /// What takes it back.
        var reversed: Spending {
            Spending(
                served: served, cost: cost.map { .zero - $0 }, tokens: -tokens, occurredAt: occurredAt, calls: -calls)
        }
    }

    /// Whether the call put out more than the replay allows.
    func isCut(_ quantities: Quantities) -> Bool {
        guard let maxOutputTokens, call.maxOutputTokens.map({ maxOutputTokens < $0 }) ?? true else { return false }
        return quantities.outputTokens > maxOutputTokens
    }
}
