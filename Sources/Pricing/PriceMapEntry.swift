import Accounting
import JSON

/// The price map's entry for one model: its fields by name.
struct PriceMapEntry {
    /// The name in the map, often with the provider in front.
    let fullName: String
    private(set) var fields: [String: JSONValue] = [:]

    /// Why an entry, or a model, is left out.
    struct Skip: Error, Equatable {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

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

    /// The kind of calls that the model takes; empty if the map does not say.
    var mode: String { fields["mode"]?.string ?? "" }

    /// Whether the model returns no tokens, even if the entry has fields about output tokens.
    var hasNoOutputTokens: Bool { mode == "embedding" || (mode == "rerank" && !says("output_cost_per_token")) }

    /// Takes over the fields of another entry for the same model. If both entries give a number, the larger one counts.
    mutating func merge(_ other: PriceMapEntry) {
        for (name, theirs) in other.fields {
            if let ours = fields[name], ours.kind == .number, theirs.kind == .number {
                // A number that cannot be read exactly stays, so that the model is skipped because of it.
                guard let left = PriceMapNumber(ours) else { continue }
                if let right = PriceMapNumber(theirs), right <= left { continue }
            }
            fields[name] = theirs
        }
    }

    /// Whether a field has content. The map's null, 0, false, "" and {} all mean that there is none.
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

    static func number(_ value: JSONValue, of name: String) throws(Skip) -> PriceMapNumber {
        guard value.kind == .number else { throw Skip("\(name) is not a number") }
        guard let number = PriceMapNumber(value), number.femto >= 0,
            number.femto <= Int128(Price.maximumFemtodollarsPerUnit)
        else {
            throw Skip(
                "\(name) of \(value.source.prefix(64)) is not a whole number of femtodollars (1e-15 USD), at most 1000 USD"
            )
        }
        return number
    }

    func tokenCount(_ name: String) throws(Skip) -> Int64? {
        guard let value = fields[name], !value.isNull else { return nil }
        guard let count = PriceMapNumber(value)?.whole, count >= 0 else {
            throw Skip("\(name) is not a whole number of tokens")
        }
        return count
    }
}
