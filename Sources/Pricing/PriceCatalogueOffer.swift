import Accounting
import JSON

/// Prices of the catalogue, and when they apply.
struct PriceCatalogueOffer {
    enum Condition: Equatable {
        case always
        case since(CalendarDay)
        case daily(WeeklyHours)
    }

    let prices: JSONValue?
    /// Nil if it is not understood.
    let condition: Condition?
    /// Nil if the offer is for a kind of calls that Purser has no tier for.
    let tier: String?
    let conditionSource: String
    let whenSource: String

    init(plain prices: JSONValue) {
        self.prices = prices
        (condition, tier, conditionSource, whenSource) = (.always, "standard", "", "")
    }

    init(_ value: JSONValue) {
        prices = value["prices"]
        condition = Self.condition(value["constraint"])
        tier = Self.tier(value["when"])
        conditionSource = "constraint \(value["constraint"]?.source.prefix(128) ?? "")"
        whenSource = String(value["when"]?.source.prefix(128) ?? "")
    }

    var firstDay: CalendarDay? {
        if case .since(let day) = condition { day } else { nil }
    }

    private static func condition(_ value: JSONValue?) -> Condition? {
        guard let value, !value.isNull else { return .always }
        if let day = value["start_date"]?.string { return CalendarDay(text: day).map(Condition.since) }
        // As in 16:30:00Z.
        guard let start = value["start_time"]?.string, let end = value["end_time"]?.string,
            start.hasSuffix(":00Z"), end.hasSuffix(":00Z")
        else { return nil }
        return WeeklyHours(text: "mon-sun \(start.dropLast(4))-\(end.dropLast(4))").map(Condition.daily)
    }

    private static func tier(_ when: JSONValue?) -> String? {
        guard let when else { return "standard" }
        let fields = when.fields.map { ($0.name, $0.value.string ?? "") }
        guard fields.count == 1, let (name, value) = fields.first else { return nil }
        return switch (name, value) {
        case ("processing", "batch"): "batch"
        case ("service_tier", "default"): "standard"
        case ("service_tier", "priority"), ("service_tier", "flex"): value
        case ("service_tier", "fast"), ("speed", "fast"): "fast"
        default: nil
        }
    }
}
