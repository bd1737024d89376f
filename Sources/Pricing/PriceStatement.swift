import Accounting

/// What one source says of one model.
struct PriceStatement {
    let source: String
    let model: PriceFile.Model
    let isOwnPage: Bool
    private let lines: [PriceFile.PriceLine]

    init(_ source: String, _ model: PriceFile.Model, _ isOwnPage: Bool) {
        (self.source, self.model, self.isOwnPage) = (source, model, isOwnPage)
        // A file repeats a price in each entry, and only what differs from before is a change.
        lines = Self.joinedSpans(model.prices.map { $0.placed($0.validFrom, $0.validUntil, source) })
    }

    private func table(_ cell: PriceFile.PriceLine.Place, at moment: Timestamp) -> PriceTable? {
        let ofCell = lines.filter { $0.place.cell == cell }
        let inForce = ofCell.filter { $0.validFrom <= moment && ($0.validUntil.map { moment < $0 } ?? true) }
        let changes = ofCell.flatMap { [$0.validFrom] + ($0.validUntil.map { [$0] } ?? []) }
        let isDated =
            changes.contains { $0 > PriceFile.beginning && $0 <= moment } || inForce.contains { $0.validUntil != nil }
        return PriceTable(
            source: source, isOwnPage: isOwnPage, lines: inForce,
            knownSince: isDated ? changes.filter { $0 <= moment }.max() : nil)
    }

    /// The table that decides, if there is any: see `PriceMerge`. Of equal ones that is the first.
    private static func decisive(_ tables: [PriceTable]) -> PriceTable? {
        guard let first = tables.first else { return nil }
        if let own = tables.first(where: \.isOwnPage) { return own }
        if tables.allSatisfy({ $0.charges(as: first) }) { return first }
        let dated = tables.filter { $0.knownSince != nil }
        guard let firstDated = dated.first else {
            return tables.dropFirst().reduce(first) { $1.dearest > $0.dearest ? $1 : $0 }
        }
        return dated.dropFirst().reduce(firstDated) { $1.knownSince! > $0.knownSince! ? $1 : $0 }
    }

    /// One model out of what several sources say of it.
    ///
    /// - Parameter today: when the sources were read. What they do not agree on then is disputed.
    static func merged(_ said: [PriceStatement], name: String, on today: Timestamp) -> PriceFile.Model {
        let starts = Set(said.flatMap(\.lines).flatMap { [$0.validFrom] + ($0.validUntil.map { [$0] } ?? []) })
            .sorted()
        var cells: [PriceFile.PriceLine.Place] = []
        for line in said.flatMap(\.lines) where !cells.contains(line.place.cell) { cells.append(line.place.cell) }
        var lines: [PriceFile.PriceLine] = []
        var disputed: [PriceFile.PriceLine] = []
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : nil
            for cell in cells {
                let tables = said.compactMap { $0.table(cell, at: start) }
                guard let decisive = decisive(tables) else { continue }
                lines += decisive.lines.map { $0.placed(start, end, decisive.source) }
                guard start <= today, end.map({ today < $0 }) ?? true else { continue }
                for other in tables where other.source != decisive.source {
                    disputed += other.lines(differingFrom: decisive).map { $0.placed(start, nil, other.source) }
                }
            }
        }
        let joined = joinedSpans(lines)
        let entries = entries(joined, order: said.map(\.source))
        // A dispute stands with the entry that it is about.
        let placed = disputed.compactMap { line in
            entries.last { $0.place.cell == line.place.cell && $0.validFrom <= today }
                .map { line.placed($0.validFrom, nil, line.source) }
        }
        return PriceFile.Model(
            name: name, aliases: [], maxInputTokens: said.compactMap(\.model.maxInputTokens).first,
            maxOutputTokens: said.compactMap(\.model.maxOutputTokens).first,
            retired: said.compactMap(\.model.retired).first, prices: entries, disputed: placed)
    }

    /// Spans of one price by one source that follow each other become one.
    static func joinedSpans(_ lines: [PriceFile.PriceLine]) -> [PriceFile.PriceLine] {
        var joined: [PriceFile.PriceLine] = []
        for line in lines {
            let before = joined.lastIndex {
                $0.place == line.place && $0.source == line.source && $0.validUntil == line.validFrom
                    && $0.femtodollarsPerUnit == line.femtodollarsPerUnit && $0.leastQuantity == line.leastQuantity
            }
            if let before { joined[before].validUntil = line.validUntil } else { joined.append(line) }
        }
        return joined
    }

    /// The lines cut where any line of the same source begins or ends, since an entry of a file lists all that its source
    /// says until the next one.
    private static func entries(_ lines: [PriceFile.PriceLine], order: [String]) -> [PriceFile.PriceLine] {
        var cut: [PriceFile.PriceLine] = []
        for source in order {
            let own = lines.filter { $0.source == source }
            let marks = Set(own.flatMap { [$0.validFrom] + ($0.validUntil.map { [$0] } ?? []) }).sorted()
            for (index, start) in marks.enumerated() {
                let end = index + 1 < marks.count ? marks[index + 1] : nil
                for line in own
                where line.validFrom <= start && (line.validUntil.map { start < $0 } ?? true) {
                    cut.append(line.placed(start, end, source))
                }
            }
        }
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        func rank(_ line: (offset: Int, element: PriceFile.PriceLine)) -> (Timestamp, Int, Int, Int) {
            let meters = PriceCatalogueUnit.order
            return (
                line.element.validFrom, places[line.element.source]!, meters[line.element.meter] ?? meters.count,
                line.offset
            )
        }
        return cut.enumerated().sorted { rank($0) < rank($1) }.map(\.element)
    }
}

extension PriceFile.PriceLine {
    fileprivate func placed(_ from: Timestamp, _ until: Timestamp?, _ source: String) -> PriceFile.PriceLine {
        var line = self
        (line.validFrom, line.validUntil, line.source) = (from, until, source)
        return line
    }
}
