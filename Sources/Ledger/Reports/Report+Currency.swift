import Accounting

extension Report {
    /// The report with its amounts in another currency, exactly: an amount has as many more decimal places as the rate, and
    /// nothing is rounded, so that sums stay sums. Columns are called after the currency: `cost_usd` is `cost_eur`.
    package func told(by rate: CurrencyRate) -> Report {
        var told = self
        told.currency = rate
        told.columns = columns.map { column in
            guard [.usd, .price].contains(column.kind) else { return column }
            let stem = column.name.hasSuffix("_usd") ? String(column.name.dropLast(3)) : column.name + "_"
            let name = stem + rate.currency.lowercased()
            let title = column.title.replacing("USD", with: rate.currency)
            return ReportColumn(frozen: name, title: title, kind: column.kind)
        }
        told.rows = rows.map { $0.map { $0.told(by: rate) } }
        told.totals = totals.map { $0.map { $0?.told(by: rate) } }
        return told
    }
}

extension Report.Cell {
    /// The decimal places of an amount that was told by a rate.
    static let convertedPlaces = Money.places + CurrencyRate.places

    fileprivate func told(by rate: CurrencyRate) -> Report.Cell {
        guard case .usd(let nanodollars) = self else { return self }
        return .converted(nanodollars.map { $0 * Int128(rate.billionthsPerUSD) })
    }
}
