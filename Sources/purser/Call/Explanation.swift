import Accounting
import JSON
import Wording

/// A verdict in words.
struct Explanation {
    let verdict: JSONValue
    let requestedModel: String
    /// How the command calls what the server's sentences name as fields.
    var names: FieldNames?

    var text: String {
        var paragraphs = [([headline] + reasonLines).joined(separator: "\n")]
        let warnings = (verdict["warnings"]).map { Array($0.elements) } ?? []
        if !warnings.isEmpty {
            paragraphs.append(warnings.map { "Warning: \(words($0))" }.joined(separator: "\n"))
        }
        paragraphs.append(budgetParagraph)
        return paragraphs.map { $0.split(separator: "\n").map { PrintableText.of($0) }.joined(separator: "\n") }
            .joined(separator: "\n\n") + "\n"
    }

    private var budgets: [JSONValue] { verdict["budgets"].map { Array($0.elements) } ?? [] }

    private var headline: String {
        let estimate =
            verdict["estimated_cost_usd"]?.string.map { ", which could cost \(Phrase.dollars($0))" } ?? ""
        let model = verdict["model"]?.string ?? requestedModel
        let provider = verdict["provider"]?.string.map { " of \($0)" } ?? ""
        switch verdict["verdict"]?.string {
        case "admit": return "Admit: \(model)\(provider)\(output)\(estimate)."
        case "downgrade": return "Downgrade: instead of \(requestedModel), \(model)\(provider)\(output)\(estimate)."
        case "deny":
            return "Deny: \(requestedModel) may not be called\(estimate.isEmpty ? "" : "; it\(estimate.dropFirst(7))")."
        case let other: return "\(other ?? "No verdict"): \(model)\(estimate)."
        }
    }

    /// How much less output the call may have, if it may not have all that it asks for.
    private var output: String {
        let codes = verdict["warnings"]?.elements.compactMap { $0["code"]?.string } ?? []
        guard codes.contains("output_clamped"), let tokens = verdict["max_output_tokens"]?.integer else { return "" }
        return " with at most \(Budget.Unit.tokens.phrase(tokens)) of output"
    }

    private var reasonLines: [String] {
        guard let reason = verdict["reason"], !reason.isNull else { return [] }
        var lines: [String] = []
        if let message = reason["message"]?.string {
            let code = reason["code"]?.string.map { " (\($0))" } ?? ""
            lines.append("Why: \(names?.text(message) ?? message)\(code)")
        }
        if let fitting = whatWouldHaveFitted { lines.append(fitting) }
        guard isDenied else { return lines }
        if let seconds = reason["retry_after_seconds"]?.integer {
            lines.append("Asking again in \(Phrase.span(seconds: seconds)) may help.")
        } else if let resets = reason["resets_at"]?.string, reason["code"]?.string != "over_call_limit" {
            lines.append("The budget begins anew at \(Phrase.time(resets)).")
        }
        return lines
    }

    private var isDenied: Bool { verdict["verdict"]?.string == "deny" }

    /// Where a call was denied for lack of money: what would have fitted, which is the least money that any hard budget
    /// has left.
    private var whatWouldHaveFitted: String? {
        guard isDenied, Self.moneyReasons.contains(verdict["reason"]?["code"]?.string ?? "") else { return nil }
        let left = budgets.compactMap { budget -> (id: String, money: Money)? in
            guard budget["enforcement"]?.string == "hard", let id = budget["id"]?.string,
                let money = budget["remaining_usd"]?.string.flatMap({ Money(usd: $0) })
            else { return nil }
            return (id, money)
        }
        guard let least = left.min(by: { $0.money < $1.money }) else { return nil }
        guard least.money > .zero else { return "What would have fitted: nothing, \(least.id) has no money left." }
        return "What would have fitted: a call that costs at most \(Phrase.dollars(least.money.usd)) (\(least.id))."
    }

    private static let moneyReasons: Set<String> = ["budget_exhausted", "funds_held", "over_call_limit"]

    private var budgetParagraph: String {
        guard !budgets.isEmpty else { return "No budget counts this call." }
        let listing = Listing(budgets, columns: Self.budgetColumns)
        return "The budgets that count it:\n" + listing.table(Display(isExact: true))
    }

    private static let budgetColumns: [Column] = Column.budget.filter {
        ["id", "enforcement", "window_limit", "spent", "held", "remaining", "resets_at"].contains($0.name)
    }

    private func words(_ warning: JSONValue) -> String {
        let message = warning["message"]?.string ?? Cell(warning).plain
        return names?.text(message) ?? message
    }
}
