import Accounting
import JSON
import Ledger

extension Verdict {
    /// `holdID` is the encrypted hold token, `guess` and `moved` what is warned of beside the verdict's own warnings.
    func write(
        to writer: inout JSONWriter, holdID: String?, guess: CallWarning?, moved: CallWarning?, names: TeamNames
    ) {
        writer.object {
            $0.field("verdict", kind.rawValue)
            $0.field("request_id", requestID)
            $0.field("hold_id", holdID)
            $0.field("model", calledName)
            $0.field("provider", model.flatMap { $0.provider.isEmpty ? nil : $0.provider })
            $0.field("max_output_tokens", maxOutputTokens)
            $0.field("estimated_cost_usd", estimate)
            $0.field("expires_at", expiresAt)
            $0.name("reason")
            if let reason { reason.write(to: &$0) } else { $0.string(nil) }
            $0.name("budgets")
            $0.list { for budget in budgets { budget.write(to: &$0, names) } }
            $0.warnings(guess == nil && moved == nil ? warnings : warnings + [guess, moved].compactMap(\.self))
        }
    }
}

extension Reason {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("code", code.rawValue)
            $0.field("message", message)
            $0.field("budget", budgetID)
            $0.field("resets_at", resetsAt)
            $0.field("retry_after_seconds", retryAfterSeconds)
        }
    }
}

extension BudgetState {
    func write(to writer: inout JSONWriter, _ names: TeamNames) {
        writer.object {
            $0.field("id", budget.id)
            $0.field("enforcement", budget.enforcement.rawValue)
            $0.amounts(of: budget.unit, limit: limit, spent: spent, held: held)
            $0.field("resets_at", resetsAt)
            if !value.isNone {
                $0.name("value")
                budget.scope.write(value, names, to: &$0)
            }
        }
    }
}

extension Receipt {
    /// `warnings` are nil where they are not known: those of the entry that a refused report belongs to.
    func write(to writer: inout JSONWriter, isDuplicate: Bool, _ warnings: [CallWarning]?) {
        writer.object {
            $0.field("entry_id", String(entryID))
            $0.field("cost_usd", cost)
            $0.field("model", model)
            $0.field("duplicate", isDuplicate)
            $0.field("unpriced", cost == nil)
            $0.field("overrun_usd", overrun)
            if let warnings { $0.warnings(warnings) }
        }
    }
}

extension LedgerOutcome {
    /// The answer to a settlement.
    func receipt() throws(Problem) -> (receipt: Receipt, isDuplicate: Bool) {
        switch self {
        case .recorded(let receipt): return (receipt, false)
        case .duplicate(let receipt): return (receipt, true)
        case .conflict(let receipt):
            throw Problem(
                .idempotencyConflict,
                "This id was settled before with other content. What was sent now is kept as disputed.", entry: receipt)
        case .overflow(let overflow): throw Problem(overflow)
        case .ended, .alreadyEnded, .extended: preconditionFailure("a settlement is recorded or not")
        }
    }
}
