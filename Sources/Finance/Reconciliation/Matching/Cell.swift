import Accounting

/// What both sides say of one model on one day.
struct Cell {
    struct Key: Hashable, Comparable {
        /// Nil where months are compared as a whole.
        var day: CalendarDay?
        /// Nil where the file names no models.
        var model: ModelName?

        static func < (left: Key, right: Key) -> Bool {
            if left.day != right.day { return left.day.map { day in right.day.map { day < $0 } ?? false } ?? true }
            return (left.model?.description ?? "") < (right.model?.description ?? "")
        }
    }

    /// What a provider says, of all or of one key.
    struct Theirs {
        var amount = ExactDecimal.zero
        var hasAmount = false
        var quantities: [UsagePart: ExactDecimal] = [:]
        var amounts: [UsagePart: ExactDecimal] = [:]
        var lineCount: Int64 = 0

        mutating func add(_ line: ProviderLine) {
            if let own = line.amount {
                amount += own
                hasAmount = true
                lineCount += 1
                if let part = line.part { amounts[part, default: .zero] += own }
            }
            if let quantity = line.quantity, let part = line.part { quantities[part, default: .zero] += quantity }
        }

        func without(_ other: Theirs) -> Theirs {
            var rest = self
            rest.amount = amount - other.amount
            rest.lineCount -= other.lineCount
            for (part, quantity) in other.quantities { rest.quantities[part, default: .zero] += -quantity }
            for (part, own) in other.amounts { rest.amounts[part, default: .zero] += -own }
            return rest
        }

        /// In tokens, without those that are counted twice; nil where it is not told.
        var tokens: Int64? {
            let told = quantities.filter { $0.key != .other }
            guard !told.isEmpty else { return nil }
            let inPrompt: Set<UsagePart> = [.input, .cacheRead, .cacheWrite]
            let counted = told.filter { told[.prompt] == nil || !inPrompt.contains($0.key) }
            return counted.values.reduce(.zero, +).whole
        }
    }

    var ours: LedgerDay?
    var theirs: Theirs?
    var accounts: [String: Theirs] = [:]

    mutating func add(_ line: ProviderLine) {
        theirs = theirs ?? Theirs()
        theirs?.add(line)
        accounts[line.account ?? "", default: Theirs()].add(line)
    }

    var oursTokens: Int64? { ours.map { $0.promptTokens + $0.outputTokens } }

    /// Whether both sides count the same; nil where the provider does not count. A part that it does not list is nothing
    /// where it lists others.
    static func agree(_ ours: LedgerDay, _ theirs: Theirs) -> Bool? {
        let told = Set(theirs.quantities.keys).subtracting([.other])
        guard !told.isEmpty else { return nil }
        let parts = told.contains(.prompt) ? told : [.input, .cacheRead, .cacheWrite, .output]
        return parts.allSatisfy { (theirs.quantities[$0] ?? .zero) == ExactDecimal(ours.tokens(of: $0)) }
    }
}
