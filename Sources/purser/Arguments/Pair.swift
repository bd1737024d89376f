import ArgumentParser

/// A `key=value` argument.
struct Pair: Equatable {
    var key: String
    var value: String

    static func tag(_ text: String) throws -> Pair {
        guard let pair = Pair(text), (1...128).contains(pair.key.utf8.count), (1...128).contains(pair.value.utf8.count)
        else { throw ValidationError("write a tag as key=value, each 1 to 128 characters") }
        return pair
    }

    /// A condition of a report: a parameter and what it is to be.
    static func filter(_ text: String) throws -> Pair {
        guard let pair = Pair(text), !pair.key.isEmpty, !pair.value.isEmpty else {
            throw ValidationError("write a filter as name=value, such as model=gpt-4o")
        }
        return pair
    }

    init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    private init?(_ text: String) {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        key = String(text[..<equals])
        value = String(text[text.index(after: equals)...])
    }
}

/// A `meter=quantity` argument.
struct MeterQuantity: Equatable {
    var meter: String
    var quantity: Int64

    static func argument(_ text: String) throws -> MeterQuantity {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw ValidationError("write a meter and its quantity such as web_searches=3")
        }
        return MeterQuantity(meter: String(parts[0]), quantity: try Quantity.argument(String(parts[1])))
    }
}
