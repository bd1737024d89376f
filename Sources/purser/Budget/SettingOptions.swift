import Accounting
import ArgumentParser
import JSON

/// What a budget has beside its scope, its period and its limit. Only what is named is sent.
struct SettingOptions: ParsableArguments {
    /// The options of fields that have other names.
    static let fieldNames = [
        "enforcement": "--hard, --soft or --shadow", "owner": "--company-owned", "planned": "--plan",
    ]

    @Flag(exclusivity: .exclusive)
    var enforcement: Budget.Enforcement?

    @Option(
        help: "Whether a hard budget in money denies calls that have no price, as it does unless told, or admits them.")
    var unpriced: Budget.Unpriced?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Use the next model of the ladder from this share of the limit on, such as 80%.", valueName: "share"),
        transform: Fraction.limitArgument)
    var downgradeAt: Fraction?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Alert at these shares of the limit, such as 50%,80%,100%.", valueName: "shares"),
        transform: Fraction.limitListArgument)
    var alertAt: [Fraction] = []

    @Flag(help: "The company owns it: admin and finance change it, the team sees it.")
    var companyOwned = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "What a window inherits of the one before: all that is left, none, or so much of it at most.",
            valueName: "all|none|amount"),
        transform: CarriedAmount.argument)
    var carryOver: CarriedAmount?

    @Option(
        name: .customLong("plan"),
        help: ArgumentHelp(
            "The limit of one month in place of the budget's, such as 2026-12=700; may be repeated.",
            valueName: "month=amount"),
        transform: PlannedMonth.argument)
    var plans: [PlannedMonth] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How much more its team may have in a window by requests that nobody must approve.", valueName: "amount"),
        transform: UnitAmount.argument)
    var allowance: UnitAmount?

    @Flag(help: "Go down the ladder where spending runs ahead of time.")
    var pacing = false

    @Option(help: "What becomes of a hold that nobody settles: a record of it, or the cost of its input or estimate.")
    var unsettled: BudgetRules.Unsettled?

    @Option(help: "Why, for the budget's history.")
    var reason: String?

    /// Whether something is named beside the reason.
    var isEmpty: Bool {
        enforcement == nil && unpriced == nil && downgradeAt == nil && alertAt.isEmpty && !companyOwned
            && carryOver == nil && plans.isEmpty && allowance == nil && !pacing && unsettled == nil
    }

    /// - Parameter planned: the months that are planned already; those that are not named stay.
    func write(
        to writer: inout JSONWriter, in unit: Budget.Unit, enforcement: Budget.Enforcement?,
        besides planned: JSONValue? = nil
    ) {
        if let enforcement { writer.field("enforcement", enforcement.rawValue) }
        if let unpriced { writer.field("unpriced", unpriced.rawValue) }
        if let downgradeAt {
            writer.name("downgrade_at")
            writer.verbatim(downgradeAt.description)
        }
        if !alertAt.isEmpty {
            writer.name("alert_at")
            writer.array(alertAt) { $0.verbatim($1.description) }
        }
        if companyOwned { writer.field("owner", Budget.Owner.company.rawValue) }
        if let carryOver {
            writer.name("carry_over")
            carryOver.write(to: &writer, in: unit)
        }
        if !plans.isEmpty {
            writer.name("planned")
            writer.object { writer in
                for (month, limit) in planned?.fields.map({ $0 }) ?? []
                where !plans.contains(where: { $0.month.description == month }) {
                    writer.name(of: month)
                    writer.verbatim(limit.source)
                }
                for plan in plans { plan.limit.write(to: &writer, named: plan.month.description, in: unit) }
            }
        }
        allowance?.write(to: &writer, named: "allowance_\(unit.rawValue)", in: unit)
        if pacing { writer.field("pacing", true) }
        if let unsettled { writer.field("unsettled", unsettled.rawValue) }
        if let reason { writer.field("reason", reason) }
    }
}
