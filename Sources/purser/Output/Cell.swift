import Accounting
import JSON
import Wording

/// One value of a listing and how it is shown.
enum Cell: Equatable {
    case absent
    case text(String)
    /// Text that is wrapped on a narrow terminal.
    case prose(String)
    case time(String)
    /// When something ends, which people are told from now on.
    case end(String)
    /// A number whose digits stay as they are: a version, an id.
    case number(String)
    /// How many, and of what where that is not plain.
    case count(String, of: String = "")
    /// An amount of money as a decimal text, which people are told to the cent.
    case amount(String)
    /// An amount in another currency than USD, which people are told to the hundredth.
    case foreign(String)
    /// What one unit or one call costs, as a decimal text: less than a cent more often than not, so always exact.
    case price(String)
    /// Percent as a decimal text, with the attention that it needs.
    case share(String, Level? = nil)
    case bar(Fraction, Level)

    var isNumeric: Bool {
        switch self {
        case .number, .count, .amount, .foreign, .price, .share: true
        case .absent, .text, .prose, .time, .end, .bar: false
        }
    }

    var level: Level? {
        switch self {
        case .share(_, let level): level
        case .bar(_, let level): level
        default: nil
        }
    }

    /// Whether there is nothing, or nothing of what is counted.
    var saysNothing: Bool {
        switch self {
        // How much is used, or has elapsed, is said by nothing of it too.
        case .share, .bar: false
        case _ where isNumeric: plain.utf8.allSatisfy { "-0.".utf8.contains($0) }
        default: plain.isEmpty
        }
    }

    /// The text as the server wrote it, for other programs.
    var plain: String {
        switch self {
        case .absent, .bar: ""
        case .text(let text), .prose(let text), .time(let text), .end(let text), .number(let text),
            .count(let text, of: _), .amount(let text), .foreign(let text), .price(let text), .share(let text, _):
            text
        }
    }

    /// How many decimal places it needs; 0 where it is rounded, or has none.
    func places(in display: Display) -> Int {
        switch self {
        case .price(let text): Phrase.places(text)
        case .amount(let text) where display.isExact, .foreign(let text) where display.isExact: Phrase.places(text)
        default: 0
        }
    }

    /// The text for people. What is exact has at least `places` decimal places.
    func shown(in display: Display, places: Int = Phrase.minimumPlaces) -> String {
        PrintableText.of(words(in: display, places: places))
    }

    private func words(in display: Display, places: Int) -> String {
        switch self {
        case .absent: "-"
        case .text(let text), .prose(let text), .number(let text): text
        case .time(let text): Phrase.withoutFraction(text)
        case .end(let text): display.isExact ? Phrase.withoutFraction(text) : Self.fromNow(text, display.now)
        case .count(let text, of: ""): Phrase.number(text)
        case .count(let text, of: let things): "\(Phrase.number(text)) \(things)"
        case .amount(let text): display.isExact ? Phrase.dollars(text, places: places) : Phrase.cents(text)
        case .foreign(let text):
            display.isExact ? Phrase.amount(text, places: places) : Phrase.cents(text, mark: "")
        case .price(let text): Phrase.amount(text, places: places)
        case .share(let text, let level?) where display.takesSigns: "\(level.sign) \(share(text, display))"
        case .share(let text, _): share(text, display)
        case .bar(let share, _): Bar.drawn(share, hasSigns: display.takesSigns)
        }
    }

    private func share(_ text: String, _ display: Display) -> String {
        display.isExact ? "\(Phrase.number(text))%" : Phrase.percent(text)
    }

    private static func fromNow(_ text: String, _ now: Timestamp) -> String {
        guard let moment = Timestamp(rfc3339: text) else { return text }
        let seconds = moment.secondsCeiling(since: now)
        return Phrase.fromNow(seconds: seconds > 0 ? seconds : -now.secondsCeiling(since: moment))
    }
}

extension Cell {
    /// A share as percent, exactly.
    static func percent(_ share: Fraction) -> String { FixedPoint.text(share.millionths, places: Fraction.places - 2) }

    /// Makes the cell of a field by the kind of its value. `text` makes the cell of a string, `number` that of a number.
    init(_ value: JSONValue?, text: (String) -> Cell = Cell.text, number: (String) -> Cell = Cell.number) {
        guard let value, !value.isNull else {
            self = .absent
            return
        }
        switch value.kind {
        case .string: self = value.string.map(text) ?? .absent
        case .number: self = number(value.source)
        case .bool: self = .text(value.source)
        case .array: self = .text(value.elements.map { Cell($0).plain }.joined(separator: ", "))
        case .object: self = .text(value.fields.map { "\($0.name)=\(Cell($0.value).plain)" }.joined(separator: " "))
        case .null: self = .absent
        }
    }
}
