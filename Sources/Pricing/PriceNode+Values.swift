import Accounting

/// The kinds of scalar a price file has.
extension PriceNode {
    func exactly(_ expected: String) throws(PriceFileError) {
        guard try text() == expected else { throw failure("must be \(expected)") }
    }

    func flag() throws(PriceFileError) -> Bool {
        switch try text() {
        case "true": true
        case "false": false
        default: throw failure("must be true or false")
        }
    }

    func tokenCount() throws(PriceFileError) -> Int64 {
        let text = try text()
        guard text.utf8.allSatisfy(\.isDigit), let count = Int64(text) else {
            throw failure("must be a whole number of tokens, not \(text)")
        }
        return count
    }

    /// A name as the API accepts it.
    func name() throws(PriceFileError) -> String { try checked(name: text()) }

    /// The key of one of a file's sources.
    func key(among sources: [String]) throws(PriceFileError) -> String { try key(text(), among: sources) }

    func key(_ key: String, among sources: [String]) throws(PriceFileError) -> String {
        guard sources.contains(key) else { throw failure("names a source that the file does not list: \(key)") }
        return key
    }

    func checked(name: String) throws(PriceFileError) -> String {
        guard PriceFile.isName(name) else {
            throw failure("must be named in 1 to 128 characters out of A-Z a-z 0-9 . _ : / @ + | = -")
        }
        return name
    }

    /// The name of a meter that a rate is of. A new one whose name differs from a known one's in a few letters may be
    /// misspelt: it must be declared.
    func known(meter: String) throws(PriceFileError) -> String {
        let name = try checked(meter: meter)
        guard let meters, !Meter(name).isNamed, !meters.contains(name), Meter.isMisspelt(name, among: meters) else {
            return name
        }
        throw failure(
            "\(Meter.unknown(name, among: meters)); if it is a new meter, declare it in the file: meters: [\(name)]")
    }

    /// Any well-formed name may be a meter.
    func checked(meter: String) throws(PriceFileError) -> String {
        let isMeter = meter.utf8.allSatisfy { $0.isLetter && $0 & 0x20 != 0 || $0.isDigit || $0 == UInt8(ascii: "_") }
        guard isMeter, meter.utf8.count <= 64 else {
            throw failure("must be named in 1 to 64 characters out of a-z 0-9 _")
        }
        return meter
    }

    /// A day of the Gregorian calendar, `YYYY-MM-DD`.
    func day() throws(PriceFileError) -> String {
        let text = try text()
        guard CalendarDay(text: text) != nil else {
            throw failure("must be a day of the calendar as YYYY-MM-DD, not \(text)")
        }
        return text
    }

    /// When a price begins or ends.
    func moment() throws(PriceFileError) -> Timestamp {
        let text = try text()
        guard let moment = Timestamp(dayOrTime: text) else {
            throw failure("must be \(Timestamp.dayOrTimeExpectation), not \(text)")
        }
        return moment
    }

    /// The price of one piece in femtodollars. `{price: "0.01", least: 10}` says also for how many pieces a call that
    /// uses any is charged at the least.
    func priceOfPiece() throws(PriceFileError) -> (femtodollars: Int64, leastQuantity: Int64?) {
        guard isMapping else { return (try femtodollarsPerUnit(ofTenToThe: 0), nil) }
        let fields = try fields(["price", "least"])
        let price = try fields.required("price", of: self).femtodollarsPerUnit(ofTenToThe: 0)
        return (price, try fields["least"]?.leastQuantity())
    }

    private func leastQuantity() throws(PriceFileError) -> Int64 {
        let text = try text()
        guard text.utf8.allSatisfy(\.isDigit), let least = Int64(text), Price.leastQuantityRange.contains(least) else {
            throw failure("must be \(Price.leastQuantityExpectation), not \(text)")
        }
        return least
    }

    /// Reads USD for 10^`exponent` units and returns femtodollars (1e-15 USD) for one unit. Throws if that is not
    /// exact.
    func femtodollarsPerUnit(ofTenToThe exponent: Int) throws(PriceFileError) -> Int64 {
        let text = try text()
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isDigit) }) else {
            throw failure("must be a plain decimal such as \"2.50\", not \(text)")
        }
        let places = 15 - exponent
        var fraction = parts.count == 2 ? parts[1] : ""
        while fraction.last == "0" { fraction.removeLast() }
        guard fraction.utf8.count <= places else {
            throw failure("has more than \(places) decimal places, finer than a femtodollar per unit: \(text)")
        }
        let padding = String(repeating: "0", count: places - fraction.utf8.count)
        guard let femtodollars = Int64(parts[0] + fraction + padding),
            femtodollars <= Price.maximumFemtodollarsPerUnit
        else { throw failure("is more than 1000 USD for one: \(text)") }
        return femtodollars
    }
}

extension PriceFile {
    /// Whether the API accepts the text as a name, or as one of OpenRouter's for its newest models, which begin with `~`.
    static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isLetter || $0.isDigit || "._:/@+|=-~".utf8.contains($0) }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}
