/// The answer to one call. A class, because it is kept with its hold: a repeated request gets the same verdict.
package final class Verdict: Sendable {
    package enum Kind: String, Sendable { case admit, downgrade, deny }

    package let kind: Kind
    /// Nil on a deny and on a dry run.
    package let hold: Hold?
    /// The most output that was held for, so what the router sends on. Nil on a deny, and where nothing bounds the output.
    package let maxOutputTokens: Int64?
    /// Every budget that counts the call, ordered by number, in its state after this verdict.
    package let budgets: [BudgetState]
    /// What the hold does not say; nil if it says all, as in nearly all verdicts that are kept.
    private let rest: Rest?

    private final class Rest: Sendable {
        let requestID: String
        let model: ModelName?
        let estimate: Money?
        let expiresAt: Timestamp?
        let reason: Reason?
        let warnings: [CallWarning]
        let askedName: String?

        init(
            _ requestID: String, _ model: ModelName?, _ estimate: Money?, _ expiresAt: Timestamp?, _ reason: Reason?,
            _ warnings: [CallWarning], _ askedName: String?
        ) {
            self.requestID = requestID
            self.model = model
            self.estimate = estimate
            self.expiresAt = expiresAt
            self.reason = reason
            self.warnings = warnings
            self.askedName = askedName
        }
    }

    /// An admit of what `hold` says.
    init(admitting hold: Hold, maxOutputTokens: Int64?, budgets: [BudgetState]) {
        (kind, self.hold, self.budgets, rest) = (.admit, hold, budgets, nil)
        self.maxOutputTokens = maxOutputTokens
    }

    init(
        kind: Kind, requestID: String, model: ModelName?, estimate: Money?, hold: Hold?, expiresAt: Timestamp?,
        maxOutputTokens: Int64? = nil, reason: Reason?, budgets: [BudgetState], warnings: [CallWarning],
        askedName: String? = nil
    ) {
        self.kind = kind
        self.maxOutputTokens = maxOutputTokens
        self.hold = hold
        self.budgets = budgets
        rest = Rest(requestID, model, estimate, expiresAt, reason, warnings, askedName)
    }

    /// The same verdict of a hold that was given more time.
    func expiring(at expiresAt: Timestamp) -> Verdict {
        Verdict(
            kind: kind, requestID: requestID, model: model, estimate: estimate, hold: hold, expiresAt: expiresAt,
            maxOutputTokens: maxOutputTokens, reason: reason, budgets: budgets, warnings: warnings,
            askedName: rest?.askedName)
    }

    package var requestID: String { rest?.requestID ?? hold!.requestID }
    /// The model of the price book that the call is held on; nil on a deny.
    package var model: ModelName? { rest.map(\.model) ?? hold!.model }
    /// The name to call the model by; nil on a deny. What the price book lacks, and knows by what it was made from, is
    /// called as it was asked for.
    package var calledName: String? { rest?.askedName ?? model?.model }
    /// The worst case on `model`, or on the requested model for a deny; nil if that model has no price.
    package var estimate: Money? { rest.map(\.estimate) ?? hold!.estimate }
    package var expiresAt: Timestamp? { rest.map(\.expiresAt) ?? hold!.expiresAt }
    /// Nil on an admit.
    package var reason: Reason? { rest?.reason }
    package var warnings: [CallWarning] { rest?.warnings ?? [] }
    /// Whether less output was held for than the call asked for.
    package var isClamped: Bool { warnings.contains { $0.code == .outputClamped } }
}

/// The state of one budget in its current window.
package struct BudgetState: Sendable {
    package let budget: Budget
    /// Whose window it is, of a budget with one window each.
    package let value: WindowValue
    package let span: WindowSpan
    /// When the window ends, or the first of what it has spent leaves it; nil if neither comes.
    package let resetsAt: Timestamp?
    /// All in the budget's unit.
    package let limit: Int64
    package let spent: Int64
    /// Held for calls in flight on this replica, plus what replicas that are gone had leased.
    package let held: Int64
    /// The revision of the window's row that these figures come from.
    package let revision: Int64

    package var remaining: Int64 { Budget.remaining(of: limit, spent: spent, held: held) }
}
