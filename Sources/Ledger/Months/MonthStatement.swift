import Accounting
import JSON

/// What a month came to when it closed, as it was written down then. Amounts are in nanodollars.
package struct MonthStatement: Sendable {
    /// What teams of one cost centre have spent; nil: of none.
    package struct CostCenter: Sendable {
        package let name: String?
        package let entries: Int64
        /// Calls whose cost is not known, so in no sum.
        package let unpricedCalls: Int64
        package let cost: Int128
    }

    /// What was booked in the month for an earlier, closed one.
    package struct Adjustment: Sendable {
        package let month: String
        package let entries: Int64
        package let cost: Int128
    }

    /// How it differs from the version before, and what was booked while the month was open again.
    package struct Changes: Sendable {
        package struct CostCenter: Sendable {
            package let name: String?
            package let before: Int128
            package let after: Int128
        }

        package struct Booked: Sendable {
            package let team: String
            package let kind: String
            package let source: String
            package let entries: Int64
            package let cost: Int128
        }

        package let version: Int64
        package let entries: Int64
        package let cost: Int128
        package let costCenters: [CostCenter]
        package let booked: [Booked]
    }

    package let entries: Int64
    package let sha256: String
    package let total: Int128
    package let costCenters: [CostCenter]
    package let adjustments: [Adjustment]
    package let priceBook: (version: String, date: String)?
    /// Nil for the first version.
    package let changes: Changes?

    init(_ json: JSONValue) {
        entries = json["entries"]?.integer ?? 0
        sha256 = json["sha256"]?.string ?? ""
        total = json.amount("total_nanodollars")
        costCenters = json.objects("cost_centers").map {
            CostCenter(
                name: $0["cost_center"]?.string, entries: $0["entries"]?.integer ?? 0,
                unpricedCalls: $0["unpriced_calls"]?.integer ?? 0, cost: $0.amount("cost_nanodollars"))
        }
        adjustments = json.objects("adjustments").map {
            Adjustment(
                month: $0["month"]?.string ?? "", entries: $0["entries"]?.integer ?? 0,
                cost: $0.amount("cost_nanodollars"))
        }
        let book = json["price_book"]
        priceBook = book?["version"]?.string.map { ($0, book?["date"]?.string ?? "") }
        changes = json["changes"].flatMap { $0.isNull ? nil : Changes($0) }
    }
}

extension MonthStatement.Changes {
    fileprivate init(_ json: JSONValue) {
        version = json["version"]?.integer ?? 0
        entries = json["entries"]?.integer ?? 0
        cost = json.amount("cost_nanodollars")
        costCenters = json.objects("cost_centers").map {
            CostCenter(
                name: $0["cost_center"]?.string, before: $0.amount("before_nanodollars"),
                after: $0.amount("after_nanodollars"))
        }
        booked = json.objects("booked").map {
            Booked(
                team: $0["team"]?.string ?? "", kind: $0["kind"]?.string ?? "", source: $0["source"]?.string ?? "",
                entries: $0["entries"]?.integer ?? 0, cost: $0.amount("cost_nanodollars"))
        }
    }
}

extension JSONValue {
    fileprivate func objects(_ name: StaticString) -> [JSONValue] { self[name].map { Array($0.elements) } ?? [] }

    fileprivate func amount(_ name: StaticString) -> Int128 { self[name]?.string.flatMap { Int128($0) } ?? 0 }
}
