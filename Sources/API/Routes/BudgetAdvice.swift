import Accounting
import JSON

/// What a person should know of a budget that was accepted: what of it has no effect, and what it counts beyond its words.
struct BudgetAdvice: Sendable {
    enum Code: String, CaseIterable {
        case modelUnknown = "model_unknown"
        case providerUnknown = "provider_unknown"
        case countsSnapshots = "counts_snapshots"
        case downgradesNothing = "downgrades_nothing"
        case nobodyListens = "nobody_listens"
        case otherTimeZone = "other_time_zone"
    }

    let code: Code
    let message: String

    /// `reachesSomebody` is whether a channel gets the budget's alerts.
    static func of(_ budget: Budget, _ configuration: Configuration, reachesSomebody: Bool) -> [BudgetAdvice] {
        [
            model(budget.scope, configuration.prices), provider(budget.scope, configuration.prices),
            downgrade(budget, configuration), zone(budget, configuration.accountingZone),
            budget.alertAt.isEmpty || reachesSomebody
                ? nil
                : BudgetAdvice(
                    code: .nobodyListens,
                    message: "Alerts of \(budget.id) reach nobody: add a channel with purser alert add."),
        ].compactMap(\.self)
    }

    private static func model(_ scope: Scope, _ prices: PriceBook) -> BudgetAdvice? {
        guard let model = scope.model else { return nil }
        switch prices.resolve(model, provider: scope.provider) {
        case .priced(let found):
            let snapshots = prices.models(meantBy: found.name).dropFirst().map(\.model).sorted()
            guard let first = snapshots.first else { return nil }
            let more = snapshots.count > 1 ? ", such as \(first)" : " \(first)"
            let kind = snapshots.count > 1 ? "its snapshots" : "its snapshot"
            return BudgetAdvice(
                code: .countsSnapshots, message: "The budget counts calls of \(found.name.model) and of \(kind)\(more)."
            )
        case .unpriced:
            let seller = scope.provider.map { " of \($0)" } ?? ""
            return BudgetAdvice(
                code: .modelUnknown,
                message: """
                    The price book has no \(model)\(seller), so the budget counts nothing but calls that are reported \
                    under this very name.
                    """)
        case .ambiguous(let names):
            return BudgetAdvice(
                code: .modelUnknown,
                message: """
                    \(model) \(PriceBook.Resolution.choices(names)): until its scope says which, the budget counts none of \
                    them.
                    """)
        }
    }

    private static func provider(_ scope: Scope, _ prices: PriceBook) -> BudgetAdvice? {
        // With a model, the model's warning says it.
        guard scope.model == nil, let provider = scope.provider, !prices.isKnownProvider(provider) else { return nil }
        return BudgetAdvice(
            code: .providerUnknown,
            message: """
                The price book has no provider \(provider), so the budget counts nothing but calls that are reported under \
                this very name.
                """)
    }

    private static func zone(_ budget: Budget, _ accounting: Zone) -> BudgetAdvice? {
        guard budget.zone != accounting, budget.period.hasWindows else { return nil }
        return BudgetAdvice(
            code: .otherTimeZone,
            message: """
                The budget counts its \(budget.period == .day ? "days" : "windows") in \(budget.zone.name), and reports theirs \
                in \(accounting.name): calls near midnight may be in another one there.
                """)
    }

    private static func downgrade(_ budget: Budget, _ configuration: Configuration) -> BudgetAdvice? {
        whyNothing(of: budget, configuration).map { BudgetAdvice(code: .downgradesNothing, message: $0) }
    }

    /// Why the budget's threshold or its pacing never sends a call to another model; nil where it has none, or where it
    /// does.
    private static func whyNothing(of budget: Budget, _ configuration: Configuration) -> String? {
        guard budget.downgradeAt != nil || budget.rules.isPaced else { return nil }
        if budget.enforcement == .shadow { return "A shadow budget never sends a call to another model." }
        if budget.enforcement == .hard, let threshold = budget.downgradeAt, threshold > .whole {
            return """
                A hard budget denies what exceeds its limit, so it never sends a call to another model from \
                \(threshold.percent) on: choose a share below 100%, or make the budget soft.
                """
        }
        guard !configuration.hasLadder(in: budget.scope) else { return nil }
        let place = configuration.names.called(budget.scope.team).map { " for \($0)" } ?? ""
        return "There is no ladder\(place), so no call is sent to another model: set one with purser ladder set."
    }
}

extension JSONWriter {
    mutating func warnings(_ advice: [BudgetAdvice]) {
        name("warnings")
        array(advice) { writer, advice in
            writer.object {
                $0.field("code", advice.code.rawValue)
                $0.field("message", advice.message)
            }
        }
    }
}
