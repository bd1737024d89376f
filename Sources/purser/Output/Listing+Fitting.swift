extension Listing {
    /// A table that is no wider than the terminal, whose broken lines nobody can read. Headings are wrapped, then columns are
    /// left out that say nothing in any row, then those that can be spared, and told. What is still too wide is shown as
    /// records.
    func fitting(_ display: Display) -> String {
        let listing = withoutWideColumns
        guard let width = display.width, !rows.isEmpty, !listing.fits(width, display) else { return table(display) }
        let saying = listing.keeping { column in listing.rows.contains { !$0[column].saysNothing } }
        guard let fitting = saying.sparing(toFit: width, display) else {
            return listing.records(display)
                + (listing.totals.map { "\n" + listing.record($0.map { $0 == .text("") ? nil : $0 }, display) } ?? "")
        }
        return fitting.table(display) + Self.leftOut("nothing is in them", listing.without(saying), width)
            + Self.leftOut("the terminal is too narrow", saying.without(fitting), width)
    }

    /// As many columns as fit; nil if those that cannot be spared do not.
    private func sparing(toFit width: Int, _ display: Display) -> Listing? {
        if fits(width, display) { return self }
        guard let least = headings.compactMap(\.spare).max() else { return nil }
        return keeping { headings[$0].spare != least }.sparing(toFit: width, display)
    }

    /// The titles of the columns that the other listing has not.
    private func without(_ other: Listing) -> [String] {
        let names = Set(other.headings.map(\.name))
        return headings.filter { !names.contains($0.name) && !$0.isDrawn }.map(\.title)
    }

    private static func leftOut(_ why: String, _ titles: [String], _ width: Int) -> String {
        if titles.isEmpty { return "" }
        return Wrapping.lines("Left out, because \(why): \(titles.joined(separator: ", ")).", width: width)
            .map { "\($0)\n" }.joined()
    }
}
