import Accounting

/// What a newer catalogue changes in one model of a price book.
struct PriceModelUpdate {
    /// What is to be written: the prices that change, and all that is disputed now. Nil if nothing changes.
    let model: PriceFile.Model?
    /// Whether a price changes by more than `PriceUpdate.jumpFactor`.
    private(set) var isJump = false

    /// - Parameters:
    ///   - source: the text of the source.
    ///   - moment: the day of the update.
    ///   - newAliases: names of the model that the book lacks.
    init(
        _ theirs: PriceFile.Model, source: String, of kind: PriceCatalogueKind, to ours: PriceFile.Model,
        at moment: Timestamp, newAliases: [String]
    ) {
        var lines: [PriceFile.PriceLine] = []
        var disputed = ours.disputed.filter { PriceCatalogueKind(source: $0.source) != kind }
        // A catalogue repeats a price in each span between changes of others.
        let said = PriceStatement.joinedSpans(theirs.prices)
        var cells: [PriceFile.PriceLine.Place] = []
        for line in said where !cells.contains(line.place.cell) { cells.append(line.place.cell) }
        for cell in cells {
            let book = ours.prices.filter { $0.place.cell == cell }
            let (now, former) = (Self.inForce(said, cell, at: moment), Self.inForce(book, cell, at: moment))
            let coming = said.filter { line in
                line.place.cell == cell && line.validFrom > moment && !book.contains { $0.charges(as: line) }
            }
            let differing = Self.differing(now, from: former).map { $0.disputed(by: source) }
            let before = ours.disputed.filter { $0.place.cell == cell && PriceCatalogueKind(source: $0.source) == kind }
            switch Self.decision(
                now: now, former: former, isSaidBefore: Set(before.map(\.statement)) == Set(differing.map(\.statement)),
                of: kind, in: book, at: moment)
            {
            case .keeps: break
            case .agrees: lines += coming
            case .disputes: disputed += differing
            case .begins: lines += said.filter { $0.place.cell == cell }
            case .changes:
                let from = Self.start(of: now, after: former, on: moment)
                lines += now.map { $0.from(from) } + coming
                lines += former.filter { old in !now.contains { $0.place == old.place } }.map {
                    $0.ended(at: from, by: source)
                }
                if now.contains(where: { new in former.contains { Self.isJump(from: $0, to: new) } }) { isJump = true }
            }
        }
        let isDisputeNew = Set(disputed.map(\.statement)) != Set(ours.disputed.map(\.statement))
        let isRetired = theirs.retired != nil && theirs.retired != ours.retired
        let isLimitNew =
            theirs.maxInputTokens != nil && theirs.maxInputTokens != ours.maxInputTokens
            || theirs.maxOutputTokens != nil && theirs.maxOutputTokens != ours.maxOutputTokens
        guard !lines.isEmpty || isDisputeNew || isRetired || isLimitNew || !newAliases.isEmpty else {
            model = nil
            return
        }
        model = PriceFile.Model(
            name: ours.name, aliases: newAliases, maxInputTokens: theirs.maxInputTokens,
            maxOutputTokens: theirs.maxOutputTokens,
            retired: theirs.retired, prices: lines, disputed: disputed)
    }

    private enum Decision {
        /// The book's prices of now and of later stay.
        case keeps
        /// The book's price of now stays; what is to come is taken.
        case agrees
        case disputes
        /// The book has never had a price.
        case begins
        case changes
    }

    /// - Parameters:
    ///   - isSaidBefore: whether the source disputes just this already.
    ///   - book: all that the book has of the cell.
    private static func decision(
        now: [PriceFile.PriceLine], former: [PriceFile.PriceLine], isSaidBefore: Bool, of kind: PriceCatalogueKind,
        in book: [PriceFile.PriceLine], at moment: Timestamp
    ) -> Decision {
        // What is to come of a page or of an operator's is theirs alone too.
        let isOthersOwn = book.contains { line in
            (line.validUntil.map { moment < $0 } ?? true) && PriceCatalogueKind(source: line.source) == nil
        }
        guard let new = PriceTable(lines: now) else { return isOthersOwn ? .keeps : .agrees }
        guard let old = PriceTable(lines: former) else {
            return isOthersOwn ? .keeps : book.isEmpty ? .begins : .changes
        }
        if new.charges(as: old) { return isOthersOwn ? .keeps : .agrees }
        let isOfSame = former.allSatisfy { PriceCatalogueKind(source: $0.source) == kind }
        return isOthersOwn || isSaidBefore && !isOfSame ? .disputes : .changes
    }

    /// What is said otherwise than the book charges.
    private static func differing(
        _ now: [PriceFile.PriceLine], from former: [PriceFile.PriceLine]
    ) -> [PriceFile.PriceLine] {
        guard let new = PriceTable(lines: now), let old = PriceTable(lines: former) else { return now }
        return new.lines(differingFrom: old)
    }

    private static func inForce(
        _ lines: [PriceFile.PriceLine], _ cell: PriceFile.PriceLine.Place, at moment: Timestamp
    ) -> [PriceFile.PriceLine] {
        lines.filter {
            $0.place.cell == cell && $0.validFrom <= moment && ($0.validUntil.map { moment < $0 } ?? true)
        }
    }

    /// From when a changed price holds: from the day that the source names, if the price before began earlier, else from the
    /// day of the update.
    private static func start(
        of now: [PriceFile.PriceLine], after former: [PriceFile.PriceLine], on moment: Timestamp
    ) -> Timestamp {
        guard let begun = former.map(\.validFrom).max(), let named = now.map(\.validFrom).max() else { return moment }
        return named > begun ? named : moment
    }

    private static func isJump(from old: PriceFile.PriceLine, to new: PriceFile.PriceLine) -> Bool {
        guard old.place == new.place else { return false }
        let (low, high) = (
            Int128(min(old.femtodollarsPerUnit, new.femtodollarsPerUnit)),
            Int128(max(old.femtodollarsPerUnit, new.femtodollarsPerUnit))
        )
        return high > low * PriceUpdate.jumpFactor
    }
}

extension PriceFile.PriceLine {
    /// What a dispute says, whenever it was said.
    fileprivate struct Statement: Hashable {
        let place: Place
        let femtodollarsPerUnit: Int64
        let kind: PriceCatalogueKind?
    }

    fileprivate var statement: Statement {
        Statement(
            place: place, femtodollarsPerUnit: femtodollarsPerUnit, kind: PriceCatalogueKind(source: source))
    }

    /// Whether it is the same price from the same moment on.
    fileprivate func charges(as other: PriceFile.PriceLine) -> Bool {
        (place, validFrom, validUntil, femtodollarsPerUnit, leastQuantity)
            == (other.place, other.validFrom, other.validUntil, other.femtodollarsPerUnit, other.leastQuantity)
    }

    fileprivate func disputed(by source: String) -> PriceFile.PriceLine {
        var line = self
        line.source = source
        return line
    }

    fileprivate func from(_ moment: Timestamp) -> PriceFile.PriceLine {
        var line = self
        line.validFrom = moment
        return line
    }

    /// A price that is no longer charged: the same row again, with its end.
    fileprivate func ended(at moment: Timestamp, by source: String) -> PriceFile.PriceLine {
        var line = self
        line.validUntil = moment
        line.source = source
        return line
    }
}
