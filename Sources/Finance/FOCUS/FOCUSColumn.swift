import Wording

/// A column of a dataset: what it is called, what may stand in it, and how a row fills it. The files are written and
/// verified by the same columns.
package struct FOCUSColumn<Row>: Sendable {
    package typealias Value = @Sendable (Row, FOCUSFile) -> String?

    package let name: String
    package let content: FOCUSContent
    package let nulls: FOCUSNulls
    let versions: [FOCUSVersion]
    let value: Value

    init(
        _ name: String, _ content: FOCUSContent = .text, _ nulls: FOCUSNulls = .allowed,
        in versions: FOCUSVersion..., value: @escaping Value = { _, _ in nil }
    ) {
        self.name = name
        self.content = content
        self.nulls = nulls
        self.versions = versions.isEmpty ? FOCUSVersion.allCases : versions
        self.value = value
    }
}

/// What may stand in a column.
package enum FOCUSContent: Sendable {
    case text
    case decimal
    /// In UTC, as `2026-10-01T00:00:00Z`.
    case dateTime
    /// A flat JSON object.
    case keyValues
}

/// Where a column may be empty.
package enum FOCUSNulls: Sendable {
    case allowed
    case never
    /// Never in rows of usage and purchases, unless they are corrections; always in rows of taxes.
    case neverWherePriced
    /// Never in rows of usage, unless they are corrections; always in all others.
    case neverWhereUsed
}

extension [FOCUSColumn<FOCUSCharge>] {
    /// The columns of a version: first those of FOCUS, then Purser's own, each in the order of the alphabet.
    package static func of(_ version: FOCUSVersion) -> Self {
        FOCUSColumn.costAndUsage.filter { $0.versions.contains(version) }
    }
}

extension Array {
    package func header<Row>() -> String where Element == FOCUSColumn<Row> { CSVText.record(map(\.name)) }

    package func record<Row>(_ row: Row, _ file: FOCUSFile) -> String where Element == FOCUSColumn<Row> {
        CSVText.record(map { $0.value(row, file) ?? "" })
    }
}
