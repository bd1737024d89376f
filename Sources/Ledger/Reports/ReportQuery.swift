import Accounting

/// What a report is asked for.
package struct ReportQuery: Sendable {
    package let range: ReportRange
    /// Nil for all teams.
    package let team: String?
    /// What the report's other parameters say, by their names.
    package let values: [String: [String]]

    package init(_ range: ReportRange, team: String? = nil, values: [String: [String]] = [:]) {
        (self.range, self.team, self.values) = (range, team, values)
    }

    /// The tags that calls must have, as `tag:KEY` parameters name them.
    var tags: [(key: String, value: String)] {
        values.sorted { $0.key < $1.key }.flatMap { name, values in
            name.hasPrefix(ReportParameter.tagPrefix)
                ? values.map { (String(name.dropFirst(ReportParameter.tagPrefix.count)), $0) } : []
        }
    }
}
