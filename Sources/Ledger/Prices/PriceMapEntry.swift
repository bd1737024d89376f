import Accounting
import JSON

/// What the price map says of one model: its fields by name.
struct PriceMapEntry {
    /// As the map names it, its provider in front of many.
    let fullName: String
    private(set) var fields: [String: JSONValue] = [:]

    /// Why an entry, or a model, is left out.
    struct Skip: Error, Equatable {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    private static let modes = ["chat", "completion", "responses", "embedding"]

    init(fullName: String, _ value: JSONValue) throws(Skip) {
        self.fullName = fullName
        guard value.kind == .object else { throw Skip("is not an object") }
        for (name, value) in value.fields {
            guard fields.updateValue(value, forKey: name) == nil else { throw Skip("gives \(name.prefix(128)) twice") }
        }
    }

    subscript(name: String) -> JSONValue? { fields[name] }

    var provider: PriceMapProvider {
        get throws(Skip) {
            guard let label = fields["litellm_provider"]?.string else { throw Skip("names no provider") }
            guard let provider = PriceMapProvider(label: label) else {
                throw Skip("its provider has a name Purser does not take")
            }
            return provider
        }
    }

    var isEmbedding: Bool { fields["mode"]?.string == "embedding" }

    /// Throws where it is nothing that a call's tokens are priced by.
    func requireTokenPriced(retiredBefore: CalendarDay) throws(Skip) {
        let mode = fields["mode"]?.string
        guard let mode, Self.modes.contains(mode) else {
            throw Skip("mode is \(mode.map { String($0.prefix(128)) } ?? "not given")")
        }
        let retired = fields["deprecation_date"]?.string.flatMap { CalendarDay(text: $0) }
        if let retired, retired < retiredBefore { throw Skip("retired before \(retiredBefore)") }
        if fullName.hasPrefix("ft:") { throw Skip("a template for fine-tuned models") }
        if fullName.hasPrefix("together-ai-") || fullName.hasPrefix("fireworks-ai-") {
            throw Skip("a size class, not a model")
        }
        if fullName.contains("-commitment/") { throw Skip("rented by the hour, not priced by the call") }
        if fullName.contains("-tts") || says("output_cost_per_video_token") { throw Skip("makes speech or video") }
    }

    /// Takes over the fields of another entry for the same model; where both give a figure, the larger one.
    mutating func merge(_ other: PriceMapEntry) {
        for (name, theirs) in other.fields {
            if let ours = fields[name], ours.kind == .number, theirs.kind == .number {
                // A figure that cannot be read exactly stays, so that the model is refused for it.
                guard let left = PriceMapNumber(ours) else { continue }
                if let right = PriceMapNumber(theirs), right <= left { continue }
            }
            fields[name] = theirs
        }
    }

    /// Whether a field holds anything: the map's null, 0, false, "" and {} all say that there is no such thing.
    func says(_ name: String) -> Bool {
        guard let value = fields[name] else { return false }
        return switch value.kind {
        case .null: false
        case .bool: value.bool == true
        case .string: !value.text.isEmpty
        case .number: PriceMapNumber(value)?.femto != 0
        case .array: value.elements.contains { _ in true }
        case .object: value.fields.contains { _ in true }
        }
    }

    /// USD for one unit in femtodollars; nil where the map gives none.
    func femtodollars(_ name: String) throws(Skip) -> Int64? {
        guard says(name), let value = fields[name] else { return nil }
        return try Self.femtodollars(value, of: name)
    }

    static func femtodollars(_ value: JSONValue, of name: String) throws(Skip) -> Int64 {
        guard value.kind == .number else { throw Skip("\(name) is not a number") }
        guard let number = PriceMapNumber(value), number.femto >= 0,
            number.femto <= Int128(PriceFile.maximumFemtodollarsPerUnit)
        else {
            throw Skip(
                "\(name) of \(value.source.prefix(64)) is not a whole number of femtodollars (1e-15 USD), at most 1000 USD"
            )
        }
        return Int64(number.femto)
    }

    func tokenCount(_ name: String) throws(Skip) -> Int64? {
        guard let value = fields[name], !value.isNull else { return nil }
        guard let number = PriceMapNumber(value), number.femto >= 0,
            number.femto.isMultiple(of: PriceMapNumber.one.femto),
            let count = Int64(exactly: number.femto / PriceMapNumber.one.femto)
        else { throw Skip("\(name) is not a whole number of tokens") }
        return count
    }
}
