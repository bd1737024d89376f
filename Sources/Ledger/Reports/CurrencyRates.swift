import Accounting
import Wording

/// The dated rates by which reports are told in other currencies. The ledger has USD alone.
///
/// They come from a CSV file with the columns `date`, `currency` and `per_usd`: a line for each day that has a rate. A rate
/// holds until the next one of its currency.
package struct CurrencyRates: Sendable {
    private static let columns = ["date", "currency", "per_usd"]

    /// The rates of each currency, the earliest first.
    private let rates: [String: [CurrencyRate]]

    package var currencies: [String] { rates.keys.sorted() }

    /// - Throws: `CurrencyRateError` with the line of what cannot be read.
    package init(_ bytes: [UInt8]) throws {
        var records = CSVRecords(ByteFeed(bytes))
        var places: [Int]?
        var read: [String: [CurrencyRate]] = [:]
        while let row = try records.next() {
            switch row {
            case .unreadable(let line, let detail): throw CurrencyRateError(line: line, problem: detail)
            case .record(let record):
                if let places {
                    let rate = try Self.rate(record, places)
                    read[rate.currency, default: []].append(rate)
                } else {
                    places = try Self.places(record)
                }
            }
        }
        for (currency, rates) in read {
            let sorted = rates.sorted { $0.day < $1.day }
            if let twice = zip(sorted, sorted.dropFirst()).first(where: { $0.day == $1.day })?.0 {
                throw CurrencyRateError(line: nil, problem: "\(twice.day) has two rates of \(currency)")
            }
            read[currency] = sorted
        }
        rates = read
    }

    /// The rate that holds on a day: the newest of that day or before it. Nil where there is none.
    package func rate(of currency: String, on day: CalendarDay) -> CurrencyRate? {
        rates[currency]?.last { $0.day <= day }
    }

    private static func places(_ header: CSVRecords.Record) throws(CurrencyRateError) -> [Int] {
        let places = columns.compactMap { header.fields.firstIndex(of: $0) }
        guard places.count == columns.count, header.fields.count == columns.count else {
            throw CurrencyRateError(line: header.line, problem: "the columns must be date, currency and per_usd")
        }
        return places
    }

    private static func rate(
        _ record: CSVRecords.Record, _ places: [Int]
    ) throws(CurrencyRateError) -> CurrencyRate {
        func failure(_ problem: String) -> CurrencyRateError { CurrencyRateError(line: record.line, problem: problem) }
        guard record.fields.count == columns.count else { throw failure("it has not three fields") }
        let (date, currency, perUSD) = (record.fields[places[0]], record.fields[places[1]], record.fields[places[2]])
        guard let day = CalendarDay(text: date) else { throw failure("the date must be a day, such as 2026-10-30") }
        guard currency.utf8.count == 3,
            currency.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { throw failure("the currency must be three capital letters, such as EUR") }
        guard currency != "USD" else { throw failure("USD needs no rate") }
        guard let rate = FixedPoint.parse(perUSD, places: CurrencyRate.places), rate > 0 else {
            throw failure("per_usd must be more than 0, with at most \(CurrencyRate.places) decimal places")
        }
        return CurrencyRate(currency: currency, day: day, billionthsPerUSD: rate)
    }
}

package struct CurrencyRateError: Error, CustomStringConvertible {
    /// Nil where it is no single line.
    let line: Int?
    let problem: String

    package var description: String { line.map { "line \($0): \(problem)" } ?? problem }
}
