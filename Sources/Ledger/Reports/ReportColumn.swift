/// A column of a report: a line at the top of its file.
///
///     -- column team: Team
///     -- column cost_usd: Cost | usd | total
///     -- column share: Share % | text | total round(sum(part) * 100 / NULLIF(sum(whole), 0), 2)::text
///     -- column group_by: Group | group
///
/// Its kind is `text` (the default), `count`, `usd` (the SQL returns nanodollars) or `price`: USD too, of one unit, of which
/// people see every place. All three are whole numbers of any size: sums stay `numeric`. `total` adds a sum of the column, or what the SQL after it says of all rows. `group` stands for the
/// columns that the parameter of that name asks for.
package struct ReportColumn: Sendable {
    package enum Kind: String, Sendable { case text, count, usd, price, group }

    package let name: String
    package let title: String
    package let kind: Kind
    /// What the SQL calls it.
    let source: String
    /// The SQL of its total; nil if it has none.
    let total: String?

    package var isTotalled: Bool { total != nil }

    private init(name: String, title: String, kind: Kind, source: String, total: String?) {
        (self.name, self.title, self.kind, self.source, self.total) = (name, title, kind, source, total)
    }

    /// A column of a report that is kept as it was.
    init(frozen name: String, title: String, kind: Kind) {
        self.init(name: name, title: title, kind: kind, source: name, total: nil)
    }

    /// Nil where the line cannot be read.
    init?(_ text: Substring) {
        let halves = text.split(separator: ": ", maxSplits: 1)
        let parts = halves.count == 2 ? halves[1].split(separator: " | ", maxSplits: 2).map(String.init) : []
        guard let title = parts.first, let kind = Kind(rawValue: parts.count > 1 ? parts[1] : "text") else {
            return nil
        }
        let name = String(halves[0])
        let total: String? =
            switch parts.count > 2 ? parts[2] : nil {
            case "total": Self.sum(of: name)
            case let stated? where stated.hasPrefix("total "): String(stated.dropFirst(6))
            default: nil
            }
        self.init(name: name, title: title, kind: kind, source: name, total: total)
    }

    /// Nothing adds up to 0; what is not known of any row is not known of all.
    private static func sum(of name: String) -> String { "CASE WHEN count(*) = 0 THEN 0 ELSE sum(\"\(name)\") END" }

    /// The columns of the groups that a query chose.
    func groups(_ chosen: [String]) -> [ReportColumn] {
        chosen.enumerated().map { index, group in
            ReportColumn(
                name: group, title: Self.title(of: group), kind: .text, source: "\(name)_\(index + 1)", total: nil)
        }
    }

    /// `service_tier` is `Service tier`; a tag is called by its key.
    private static func title(of group: String) -> String {
        if group.hasPrefix(ReportParameter.tagPrefix) {
            return "Tag " + group.dropFirst(ReportParameter.tagPrefix.count)
        }
        let words = String(group.map { $0 == "_" ? " " : $0 })
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}
