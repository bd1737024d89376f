import JSON
import Testing

@testable import purser

@Suite("On a terminal of 80 columns") struct NarrowTerminalTests {
    private static let lists: [(name: String, columns: [Column])] =
        ([
            TokenList.self, TeamList.self, BudgetBoosts.self, BudgetRequestList.self, BudgetChanges.self,
            UnsettledList.self, LadderList.self, AlertList.self, CreditList.self, DisputedList.self, MonthList.self,
            AgreementList.self, FeatureMoves.self,
        ] as [any ListCommand.Type]).map { (String(describing: $0), $0.columns) } + [("BudgetTry", BudgetTry.columns)]

    /// An object of a list with values as long as they usually are.
    private static func sample(_ columns: [Column]) throws -> JSONValue {
        var writer = JSONWriter()
        writer.object { writer in
            for column in columns {
                let name = column.name
                if name.hasSuffix("_usd") || name == "amount" {
                    writer.field(named: name == "amount" ? "amount_usd" : name, "1234.56")
                } else if name.hasSuffix("_at") || name.hasSuffix("_from")
                    || ["from", "until", "revoked"].contains(name)
                {
                    writer.field(named: name, "2026-11-29T00:52:47Z")
                } else if name == "to" || name == "from" && columns.contains(where: { $0.name == "to" }) {
                    writer.name(of: name)
                    writer.object {
                        $0.field("team", "discovery")
                        $0.field("feature", "autocomplete")
                    }
                } else if ["number", "calls", "admitted", "clamped", "downgraded", "denied", "entries"].contains(name) {
                    writer.field(named: name, Int64(12))
                } else {
                    writer.field(named: name, "autocomplete")
                }
            }
        }
        return try JSONDocument(text: writer.text).root
    }

    @Test(
        "a list is a table: columns that can be spared are left out before it becomes records", arguments: lists.indices
    )
    func fits(index: Int) throws {
        let (name, columns) = Self.lists[index]
        let listing = Listing([try Self.sample(columns)], columns: columns)
        let lines = listing.fitting(Display(width: 80)).split(separator: "\n")
        let titles = columns.filter { !$0.isWide }.map(\.title)
        #expect(lines.count { line in titles.count { line.contains($0) } >= 3 } >= 1, "\(name): \(lines)")
        #expect(lines.allSatisfy { DisplayWidth.of(String($0)) <= 80 }, "\(name): \(lines)")
    }
}
