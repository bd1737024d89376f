import Accounting

/// What the comparison of a provider's file with the ledger has found of one thing.
package struct ReconciledLine: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case matched, price, quantity
        case onlyOurs = "only_ours"
        case onlyTheirs = "only_theirs"
        case timing, rounding, credit, tax, unexplained
    }

    package var kind: Kind
    /// In UTC; nil: of the month as a whole.
    package var day: CalendarDay?
    package var model: String?
    package var ours: Int64
    package var theirs: Int64
    package var oursTokens: Int64?
    package var theirsTokens: Int64?
    /// A sentence for people.
    package var detail: String?

    package init(
        _ kind: Kind, day: CalendarDay? = nil, model: String? = nil, ours: Int64 = 0, theirs: Int64 = 0,
        oursTokens: Int64? = nil, theirsTokens: Int64? = nil, detail: String? = nil
    ) {
        (self.kind, self.day, self.model, self.ours, self.theirs) = (kind, day, model, ours, theirs)
        (self.oursTokens, self.theirsTokens, self.detail) = (oursTokens, theirsTokens, detail)
    }

    package var difference: Int64 { theirs.minus(ours) }
}

/// The comparison of one provider's file with one month of the ledger.
package struct Reconciliation: Sendable {
    package var lines: [ReconciledLine] = []
    package var warnings: [String] = []
    /// The last day of the month that the file tells of.
    package var lastDay: CalendarDay?
    package var theirsExact = ExactDecimal.zero

    package var ours: Int64 { lines.reduce(0) { $0.plus($1.ours) } }
    package var theirs: Int64 { lines.reduce(0) { $0.plus($1.theirs) } }
}
