import Accounting
import JSON
import Wording

/// What becomes of a budget when it is set, perhaps again.
struct BudgetChange {
    /// Nil where there was none.
    let before: JSONValue?

    /// Something that the budget has set and that is lost where it is not named again.
    private struct Kept {
        var statement: String
        var option: String
    }

    /// Throws where the options would drop what the budget has set without naming it.
    func requireNothingDropped(by set: BudgetSet) throws(CommandFailure) {
        let dropped = kept(notNamedBy: set)
        guard !dropped.isEmpty else { return }
        throw CommandFailure(
            .refused,
            """
            \(set.id) \(Phrase.all(dropped.map(\.statement))); say \(Phrase.all(dropped.map(\.option))) again to keep \
            that, or --replace to drop it.
            """)
    }

    private func kept(notNamedBy set: BudgetSet) -> [Kept] {
        var kept: [Kept] = []
        if set.settings.enforcement == nil, let enforcement = before?["enforcement"]?.string, enforcement != "hard" {
            kept.append(Kept(statement: "is \(enforcement)", option: "--\(enforcement)"))
        }
        if set.settings.unpriced == nil, before?["unpriced"]?.string == Budget.Unpriced.admit.rawValue {
            kept.append(Kept(statement: "admits calls without a price", option: "--unpriced"))
        }
        if set.settings.downgradeAt == nil, let share = shares("downgrade_at").first {
            kept.append(Kept(statement: "downgrades at \(share)", option: "--downgrade-at"))
        }
        let alerts = shares("alert_at")
        if set.settings.alertAt.isEmpty, !alerts.isEmpty {
            kept.append(Kept(statement: "alerts at \(Phrase.all(alerts))", option: "--alert-at"))
        }
        if set.settings.carryOver == nil, let carried = before?["carry_over"], carried.string != "none" {
            kept.append(Kept(statement: "carries over what is left", option: "--carry-over"))
        }
        if set.settings.plans.isEmpty, let planned = before?["planned"], planned.fields.contains(where: { _ in true }) {
            kept.append(Kept(statement: "plans months", option: "--plan"))
        }
        if set.settings.allowance == nil,
            before?.fields.contains(where: { $0.name.hasPrefix("allowance_") && !$0.value.isNull }) == true
        {
            kept.append(Kept(statement: "has an allowance", option: "--allowance"))
        }
        if !set.settings.pacing, before?["pacing"]?.bool == true {
            kept.append(Kept(statement: "is paced", option: "--pacing"))
        }
        if set.settings.unsettled == nil, let unsettled = before?["unsettled"]?.string,
            unsettled != BudgetRules.Unsettled.record.rawValue
        {
            kept.append(Kept(statement: "charges the \(unsettled) of what is not settled", option: "--unsettled"))
        }
        return kept
    }

    private func shares(_ field: String) -> [String] {
        guard let value = before?.field(field), !value.isNull else { return [] }
        return (value.kind == .array ? Array(value.elements) : [value]).map { Phrase.share($0.source) }
    }
}
