import JSON
import Wording

/// One value of a listing and how it is shown.
enum Cell: Equatable {
    case absent
    case text(String)
    /// Text that may be cut on a narrow terminal.
    case prose(String)
    case time(String)
    case number(String)
    /// An amount of money as a decimal text.
    case amount(String)

    var isNumeric: Bool {
        switch self {
        case .number, .amount: true
        case .absent, .text, .prose, .time: false
        }
    }

    /// Whether there is nothing, or nothing of what is counted.
    var saysNothing: Bool {
        switch self {
        case .absent: true
        case .text(let text), .prose(let text), .time(let text): text.isEmpty
        case .number(let text), .amount(let text): text.utf8.allSatisfy { "-0.".utf8.contains($0) }
        }
    }

    /// The text as the server wrote it, for other programs.
    var plain: String {
        switch self {
        case .absent: ""
        case .text(let text), .prose(let text), .time(let text), .number(let text), .amount(let text): text
        }
    }

    /// The text for people. Amounts have at least `places` decimal places.
    func shown(places: Int) -> String {
        switch self {
        case .absent: "-"
        case .text(let text), .prose(let text), .number(let text): PrintableText.of(text)
        case .time(let text): PrintableText.of(Phrase.withoutFraction(text))
        case .amount(let text): PrintableText.of(Phrase.amount(text, places: places))
        }
    }
}

extension Cell {
    /// Makes the cell of a field by the kind of its value. `text` makes the cell of a string.
    init(_ value: JSONValue?, text: (String) -> Cell = Cell.text) {
        guard let value, !value.isNull else {
            self = .absent
            return
        }
        switch value.kind {
        case .string: self = value.string.map(text) ?? .absent
        case .number: self = .number(value.source)
        case .bool: self = .text(value.source)
        case .array: self = .text(value.elements.map { Cell($0).plain }.joined(separator: ", "))
        case .object: self = .text(value.fields.map { "\($0.name)=\(Cell($0.value).plain)" }.joined(separator: " "))
        case .null: self = .absent
        }
    }
}
