import Accounting
import Wording

extension Comparison {
    /// What a cell that both sides have comes to.
    func lines(of key: Cell.Key, _ cell: Cell, _ theirs: Cell.Theirs, _ ours: LedgerDay) -> [ReconciledLine] {
        let amount = theirs.amount.nanodollars ?? 0
        let difference = amount.minus(ours.costNanodollars)
        var line = ReconciledLine(
            .matched, day: key.day, model: key.model?.description, ours: ours.costNanodollars, theirs: amount,
            oursTokens: cell.oursTokens, theirsTokens: theirs.tokens)
        let agree = Cell.agree(ours, theirs)
        if tolerance.isMatched(difference, calls: ours.calls) {
            if agree == false { line.detail = "The amounts agree, though the tokens differ." }
            return [line]
        }
        if agree != false, tolerance.isRounding(difference, calls: ours.calls, lineCount: theirs.lineCount) {
            line.kind = .rounding
            return [line]
        }
        switch agree {
        case true?:
            line.kind = .price
            line.detail = priceDetail(key, theirs, ours)
            return [line]
        case nil:
            line.kind = .unexplained
            return [line]
        case false?: return quantityLines(line, key, theirs, ours)
        }
    }

    /// Other tokens are worth what the provider charges for each. What they do not explain is price.
    private func quantityLines(
        _ line: ReconciledLine, _ key: Cell.Key, _ theirs: Cell.Theirs, _ ours: LedgerDay
    ) -> [ReconciledLine] {
        var quantity = line
        quantity.kind = .quantity
        quantity.detail = Self.quantityDetail(theirs, ours)
        guard let worth = Self.worth(ofOtherTokens: theirs, ours) else { return [quantity] }
        let rest = line.difference.minus(worth)
        guard !tolerance.isRounding(rest, calls: ours.calls, lineCount: theirs.lineCount) else { return [quantity] }
        var price = line
        (price.kind, price.theirs) = (.price, line.theirs.minus(worth))
        price.detail = priceDetail(key, theirs, ours)
        (quantity.ours, quantity.theirs) = (0, worth)
        return [quantity, price]
    }

    /// Nil where a part has no amount of its own.
    private static func worth(ofOtherTokens theirs: Cell.Theirs, _ ours: LedgerDay) -> Int64? {
        var sum: Int128 = 0
        for part in [UsagePart.input, .cacheRead, .cacheWrite, .output] {
            let own = Int128(ours.tokens(of: part))
            guard let quantity = theirs.quantities[part]?.whole, quantity != 0 else {
                guard own == 0 else { return nil }
                continue
            }
            guard let amount = theirs.amounts[part]?.nanodollars else { return nil }
            let (product, isOver) = Int128(amount).multipliedReportingOverflow(by: Int128(quantity) - own)
            if isOver { return nil }
            sum += product / Int128(quantity)
        }
        return Int64(exactly: sum)
    }

    private static func quantityDetail(_ theirs: Cell.Theirs, _ ours: LedgerDay) -> String {
        let isWhole = theirs.quantities[.prompt] != nil
        let parts: [UsagePart] = isWhole ? [.prompt, .cacheRead, .output] : [.input, .cacheRead, .cacheWrite, .output]
        let differing = parts.compactMap { part -> String? in
            if isWhole, theirs.quantities[part] == nil { return nil }
            let told = theirs.quantities[part] ?? .zero
            let more = told - ExactDecimal(ours.tokens(of: part))
            guard more != .zero else { return nil }
            return "\(more.magnitude.text) \(part.rawValue) \(more > .zero ? "more" : "less") than the ledger"
        }
        return "The file has \(differing.joined(separator: ", "))."
    }

    /// What the provider charges for each part, beside the price book where that says otherwise.
    private func priceDetail(_ key: Cell.Key, _ theirs: Cell.Theirs, _ ours: LedgerDay) -> String {
        if ours.unpricedCalls > 0 {
            return "\(Phrase.count(ours.unpricedCalls, "call")) had no price in the ledger."
        }
        let day = key.day ?? month.firstDay
        let card = key.model.flatMap { book.models[$0] }?.card(tier: .standard, contextTokens: 0, at: day.startUTC)
        let meters: [(UsagePart, Meter)] = [
            (.input, .input), (.cacheRead, .cacheRead), (.cacheWrite, .cacheWrite), (.output, .output),
        ]
        let parts = meters.compactMap { part, meter -> String? in
            guard let quantity = theirs.quantities[part]?.whole, quantity > 0,
                let amount = theirs.amounts[part]?.nanodollars
            else { return nil }
            // Nanodollars a million are femtodollars each, as prices are kept.
            let perMillion = Int128(amount) * 1_000_000 / Int128(quantity)
            let listed = card?.rate(for: meter).map { Int128($0.halfFemtodollarsPerUnit) / 2 }
            guard let listed, abs(listed - perMillion) > max(1, perMillion / 1_000_000) else { return nil }
            return
                "\(part.rawValue) cost \(Self.dollars(perMillion)) a million, \(Self.dollars(listed)) in the price book"
        }
        return parts.isEmpty
            ? "The tokens agree, the amounts do not." : "The tokens agree; \(parts.joined(separator: "; "))."
    }

    /// Of nanodollars.
    private static func dollars(_ nanodollars: Int128) -> String {
        Phrase.dollars(FixedPoint.text(nanodollars, places: Money.places))
    }
}
