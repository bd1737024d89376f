import Accounting
import Foundation
import JSON

/// Reads field values. The expectations tell a person which values a field may have.
enum Field {
    static let nameExpectation = "1 to 128 characters out of A–Z a–z 0–9 . _ : / @ + | = -"
    static let idExpectation = "1 to 128 printable ASCII characters"
    static let countExpectation = "a whole number from 0 to \(Usage.maximumQuantity)"
    static let moneyExpectation = "a decimal text in USD from 0 to 1000000000 with up to nine places, such as \"12.50\""
    static let timeExpectation = "a time in RFC 3339, such as 2026-11-21T10:00:00Z"
    static let dayExpectation = "a day, such as 2026-11-15"
    static let noteExpectation = "1 to 1024 bytes of text in one line"

    static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: nameMarks.contains(byte)
                }
            }
    }

    private static let nameMarks = Set("._:/@+|=-".utf8)

    static func name(_ value: JSONValue) -> String? { value.string.flatMap { isName($0) ? $0 : nil } }

    static func id(_ value: JSONValue) -> String? {
        value.string.flatMap { text in
            (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) } ? text : nil
        }
    }

    /// Model and provider names may be in any alphabet. Their length is bounded, and they must be printable.
    static func model(_ value: JSONValue) -> String? {
        guard let text = value.string, (1...256).contains(text.utf8.count) else { return nil }
        // The fast path: nearly all names are printable ASCII, and every verdict reads at least one.
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else { return nil }
        // Brings equal names to the same bytes: Swift treats canonically equivalent strings as equal, the database does
        // not.
        return text.precomposedStringWithCanonicalMapping
    }

    /// The one spelling of a provider's name, for what is stored.
    static func provider(_ value: JSONValue) -> String? { model(value).map(ProviderName.canonical) }

    static let modelExpectation = "1 to 256 characters"

    static func count(_ value: JSONValue) -> Int64? { count(value, upTo: Usage.maximumQuantity) }

    static func count(_ value: JSONValue, upTo most: Int64) -> Int64? {
        value.integer.flatMap { (0...most).contains($0) ? $0 : nil }
    }

    /// A JSON number is refused: it may have passed through binary floating point.
    static func money(_ value: JSONValue) -> Money? {
        guard let text = value.string, let money = Money(usd: text), (.zero...Money.maximumInput).contains(money) else {
            return nil
        }
        return money
    }

    static func time(_ value: JSONValue) -> Timestamp? { value.string.flatMap { Timestamp(rfc3339: $0) } }

    static func day(_ value: JSONValue) -> CalendarDay? { value.string.flatMap { CalendarDay(text: $0) } }

    /// A free text for human readers.
    static func note(_ value: JSONValue) -> String? {
        guard let text = value.string, (1...1024).contains(text.utf8.count) else { return nil }
        return text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } ? text : nil
    }

    static func choice<Choice: RawRepresentable>(_ value: JSONValue) -> Choice? where Choice.RawValue == String {
        value.string.flatMap(Choice.init(rawValue:))
    }

    static func choices<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type) -> String
    where Choice.RawValue == String {
        "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
    }

    /// A JSON number such as 0.8. Unlike money, it may be rounded: a binary fraction as programs write it
    /// (`0.30000000000000004`, `1e-05`) is rounded to the six places of a share.
    static func fraction(_ value: JSONValue) -> Fraction? {
        guard value.kind == .number else { return nil }
        let text = String(Substring(value.text))
        if let exact = Fraction(decimal: text) { return exact }
        guard let ratio = Double(text), abs(ratio) <= 1_000 else { return nil }
        return Fraction(millionths: Int64((ratio * 1_000_000).rounded()))
    }

    /// Where a budget does something before its limit is reached, or once it is exceeded.
    static func limitShare(_ value: JSONValue) -> Fraction? {
        fraction(value).flatMap { Budget.shareRange.contains($0) ? $0 : nil }
    }

    static let limitShareExpectation = "a share of the limit above 0 and up to 10, such as 0.8"

    /// Up to 16 tags, 1 KiB together.
    static func tags(_ value: JSONValue) -> [Tag]? {
        guard value.kind == .object else { return nil }
        var tags: [Tag] = []
        var bytes = 0
        for (key, value) in value.fields {
            guard tags.count < 16, let text = value.string, (1...128).contains(key.unicodeScalars.count),
                text.unicodeScalars.count <= 128, !key.utf8.contains(0), !text.utf8.contains(0),
                !tags.contains(where: { $0.key == key })
            else { return nil }
            bytes += key.utf8.count + text.utf8.count
            tags.append(Tag(key: key, value: text))
        }
        return bytes <= 1024 ? tags : nil
    }

    static let tagsExpectation = "at most 16 texts by key, keys and values of up to 128 characters, 1 KiB together"
}

/// In this module so that the compiler makes a version for each kind of value; across modules it does not.
extension JSONFields {
    /// The value of a field, converted by `convert`. If `convert` returns nil, the field is refused, and `expectation`
    /// completes the sentence "must be …".
    mutating func optional<Value>(
        _ name: StaticString, _ expectation: @autoclosure () -> String, _ convert: (JSONValue) -> Value?
    ) -> Value? {
        guard let value = value(name) else { return nil }
        if let converted = convert(value) { return converted }
        refuse(name, "must be \(expectation())")
        return nil
    }

    mutating func required<Value>(
        _ name: StaticString, _ expectation: @autoclosure () -> String, _ convert: (JSONValue) -> Value?
    ) -> Value? {
        let errorCount = errors.count
        let value = optional(name, expectation(), convert)
        if value == nil, errors.count == errorCount { refuse(name, "is required") }
        return value
    }

    /// A team that may be named, as it was made, whatever of its names is used.
    mutating func team(_ names: TeamNames) -> String? {
        optional("team", Field.nameExpectation, Field.name).map { names.team(named: $0) }
    }

    /// Reads the fields that say who spends. Every call has them.
    mutating func attribution() -> Attribution? {
        let team = required("team", Field.nameExpectation, Field.name)
        let feature = optional("feature", Field.nameExpectation, Field.name)
        let user = optional("user", Field.nameExpectation, Field.name)
        let run = optional("run", Field.nameExpectation, Field.name)
        let tags = optional("tags", Field.tagsExpectation, Field.tags) ?? []
        return team.map { Attribution(team: $0, feature: feature, user: user, run: run, tags: tags) }
    }
}
