import Accounting
import JSON
import Wording

/// The result of a report; every output format has the same cells.
package struct Report: Sendable {
    package enum Cell: Sendable {
        case text(String?)
        /// Sums of counts may exceed 64 bits.
        case count(Int128?)
        /// In nanodollars. Sums of amounts may exceed the range of `Money`.
        case usd(Int128?)
        /// An amount in the report's own currency, in units of 10^-18.
        case converted(Int128?)

        /// The cell's text in CSV and tables; empty if the cell has no value.
        package var text: String {
            switch self {
            case .text(let text): text ?? ""
            case .count(let count): count.map(String.init) ?? ""
            case .usd(let amount): amount.map(Self.usd) ?? ""
            case .converted(let amount): amount.map(Self.converted) ?? ""
            }
        }

        static func usd(_ nanodollars: Int128) -> String {
            FixedPoint.text(nanodollars, places: Money.places)
        }

        static func converted(_ amount: Int128) -> String { FixedPoint.text(amount, places: convertedPlaces) }
    }

    package let name: String
    package let title: String
    package let query: ReportQuery
    package let frame: ReportFrame
    package internal(set) var columns: [ReportColumn]
    package internal(set) var rows: [[Cell]]
    /// Of the columns that have totals, these; nil if the report has no such column.
    package internal(set) var totals: [Cell?]?
    /// By what its amounts are told in another currency; nil: they are USD.
    package internal(set) var currency: CurrencyRate?

    /// CSV by RFC 4180, with a header and without totals, so that a sum over a column is right.
    package var csv: String {
        let lines = [columns.map(\.name)] + rows.map { $0.map(\.text) }
        return lines.map(CSVText.record).joined()
    }
}
