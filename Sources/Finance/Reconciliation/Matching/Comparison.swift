import Accounting
import Wording

/// Compares a provider's file with the daily sums of a month, by day and model.
///
/// Each cell of day and model becomes a line of one kind. The lines come to exactly the whole difference.
package struct Comparison {
    let month: CalendarMonth
    let book: PriceBook
    let tolerance: Tolerance
    var cells: [Cell.Key: Cell] = [:]
    private(set) var result = Reconciliation()
    /// Days of another zone than UTC begin at other hours than the provider's: then only whole months are compared.
    private let zone: Zone
    private var comparesDays: Bool { zone == .utc }
    /// Lines that concern no day and model, by kind.
    private var apart: [ProviderLine.Kind: (amount: ExactDecimal, count: Int)] = [:]
    private var elsewhen = ExactDecimal.zero

    /// - Parameters:
    ///   - providers: whose calls the file bills; nil for all.
    ///   - zone: in which the ledger's days begin.
    package static func reconcile(
        _ file: ProviderFile, with ours: [LedgerDay], of month: CalendarMonth, providers: [String]?, _ book: PriceBook,
        zone: Zone
    ) -> Reconciliation {
        var comparison = Comparison(month: month, book: book, tolerance: Tolerance(of: file.lines), zone: zone)
        comparison.read(file, ours, providers)
        comparison.inferQuantities()
        comparison.judge()
        return comparison.result
    }

    private init(month: CalendarMonth, book: PriceBook, tolerance: Tolerance, zone: Zone) {
        (self.month, self.book, self.tolerance, self.zone) = (month, book, tolerance, zone)
    }

    // MARK: - Reading

    private mutating func read(_ file: ProviderFile, _ ours: [LedgerDay], _ providers: [String]?) {
        result.warnings = file.warnings
        result.lastDay = file.days.filter { $0.month == month }.max()
        var models = ModelMatch(book, providers: providers, ours: ours)
        let usage = file.lines.filter { $0.kind == .usage }
        let namesModels = usage.contains { $0.model != nil }
        var left = (count: 0, amount: ExactDecimal.zero)
        for line in file.lines {
            guard (line.billingMonth ?? line.day.month) == month else {
                left = (left.count + 1, left.amount + (line.amount ?? .zero))
                continue
            }
            result.theirsExact += line.amount ?? .zero
            if line.kind != .usage {
                let before = apart[line.kind] ?? (.zero, 0)
                apart[line.kind] = (before.amount + (line.amount ?? .zero), before.count + 1)
            } else if line.day.month != month {
                elsewhen += line.amount ?? .zero
            } else {
                // What names no model in a file that names others, such as searches, goes by its label.
                let name = line.model ?? (namesModels ? line.label ?? "" : nil)
                let key = Cell.Key(
                    day: comparesDays ? line.day : nil, model: name.map { models.model($0, provider: line.provider) })
                cells[key, default: Cell()].add(line)
            }
        }
        if left.count > 0 {
            result.warnings.append(
                "\(Phrase.count(left.count, "line")) of other months, \(left.amount.text) USD, were left out.")
        }
        for day in ours {
            let key = Cell.Key(
                day: comparesDays ? day.day : nil,
                model: namesModels || usage.isEmpty ? models.family(of: day.model) : nil)
            var sum = cells[key]?.ours ?? LedgerDay(day: day.day, model: day.model)
            sum += day
            cells[key, default: Cell()].ours = sum
        }
    }

    // MARK: - Judging

    private mutating func judge() {
        if !comparesDays {
            let sentence =
                "The ledger's days are those of \(zone.name), the file's those of UTC: whole months are compared, and what was used at their edges differs."
            result.warnings.append(sentence)
            result.lines.append(ReconciledLine(.timing, detail: sentence))
        }
        var lines: [ReconciledLine] = []
        var accrued: Int64 = 0
        for (key, cell) in cells.sorted(by: { $0.key < $1.key }) {
            if cell.theirs == nil, let day = key.day, result.lastDay.map({ day > $0 }) ?? true {
                accrued.increase(by: cell.ours?.costNanodollars ?? 0)
            } else {
                lines += self.lines(of: key, cell)
            }
        }
        Self.pairNeighbours(&lines, tolerance)
        result.lines += Self.withOneUnexplained(lines)
        if accrued != 0 {
            let since = result.lastDay.map { "The file ends with \($0)" } ?? "The file has nothing of the month"
            result.lines.append(
                ReconciledLine(
                    .timing, ours: accrued, detail: "\(since): what the ledger has after it is not billed yet."))
        }
        addApart()
    }

    /// Credits, taxes, what was used in another month, and what rounding each line to a nanodollar leaves.
    private mutating func addApart() {
        let kinds: [(ProviderLine.Kind, ReconciledLine.Kind)] = [
            (.credit, .credit), (.tax, .tax), (.rounding, .rounding),
        ]
        for (theirs, kind) in kinds {
            guard let (amount, count) = apart[theirs], let nanodollars = amount.nanodollars else { continue }
            result.lines.append(
                ReconciledLine(kind, theirs: nanodollars, detail: "\(Phrase.count(count, "line")) of the file."))
        }
        if elsewhen != .zero, let nanodollars = elsewhen.nanodollars {
            result.lines.append(
                ReconciledLine(
                    .timing, theirs: nanodollars, detail: "Billed in \(month), used on days of another month."))
        }
        let rest = (result.theirsExact.nanodollars ?? result.theirs).minus(result.theirs)
        guard rest != 0 else { return }
        result.lines.append(
            ReconciledLine(.rounding, theirs: rest, detail: "Each line is rounded to a nanodollar, the sum only once."))
    }

    private func lines(of key: Cell.Key, _ cell: Cell) -> [ReconciledLine] {
        let name = key.model.map { $0.provider.isEmpty ? $0.model : $0.description }
        func line(_ kind: ReconciledLine.Kind, _ ours: Int64, _ theirs: Cell.Theirs?, _ detail: String?)
            -> ReconciledLine
        {
            ReconciledLine(
                kind, day: key.day, model: name, ours: ours, theirs: theirs?.amount.nanodollars ?? 0,
                oursTokens: cell.oursTokens, theirsTokens: theirs?.tokens, detail: detail)
        }
        guard let theirs = cell.theirs else {
            let ours = cell.ours?.costNanodollars ?? 0
            return ours == 0 ? [] : [line(.onlyOurs, ours, nil, "The file has nothing of it.")]
        }
        guard let ours = cell.ours else {
            guard theirs.amount != .zero else { return [] }
            return [line(.onlyTheirs, 0, theirs, Self.shadow(Array(cell.accounts.keys)))]
        }
        if let (account, alone) = bypassing(cell, ours) {
            var shadow = line(.onlyTheirs, 0, alone, Self.shadow([account]))
            shadow.oursTokens = nil
            return [shadow] + lines(of: key, cell, theirs.without(alone), ours)
        }
        return lines(of: key, cell, theirs, ours)
    }

    static func shadow(_ accounts: [String]) -> String {
        let named = accounts.filter { !$0.isEmpty }.sorted()
        let keys = named.isEmpty ? "" : " Billed to: \(named.prefix(5).joined(separator: ", "))."
        return "Calls that did not go through Purser.\(keys)"
    }
}
