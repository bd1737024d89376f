import Accounting
import JSON
import Wording

/// What becomes of a budget when it is set, perhaps again.
struct BudgetChange {
    /// Nil where there was none.
    let before: JSONValue?

    var version: Int64? { before?["version"]?.integer }

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
        if set.enforcement == nil, let enforcement = before?["enforcement"]?.string, enforcement != "hard" {
            kept.append(Kept(statement: "is \(enforcement)", option: "--\(enforcement)"))
        }
        if set.unpriced == nil, before?["unpriced"]?.string == Budget.Unpriced.admit.rawValue {
            kept.append(Kept(statement: "admits calls without a price", option: "--unpriced"))
        }
        if set.downgradeAt == nil, let share = shares("downgrade_at").first {
            kept.append(Kept(statement: "downgrades at \(share)", option: "--downgrade-at"))
        }
        let alerts = shares("alert_at")
        if set.alertAt.isEmpty, !alerts.isEmpty {
            kept.append(Kept(statement: "alerts at \(Phrase.all(alerts))", option: "--alert-at"))
        }
        return kept
    }

    private func shares(_ field: String) -> [String] {
        guard let value = before?.field(field), !value.isNull else { return [] }
        return (value.kind == .array ? Array(value.elements) : [value]).map { Phrase.share($0.source) }
    }

    /// What is another than before, as `limit $500 → $600`; nil where nothing is.
    func text(to after: JSONValue) -> String? {
        before.flatMap { BudgetSettings(of: after).changes(since: BudgetSettings(of: $0)) }
    }
}
