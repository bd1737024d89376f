/// Reads an object field by field, collects what is wrong with each, and refuses fields nobody asked for.
///
/// Ask for every known field, then call `finish()`: only if it does not throw are the values good.
package struct JSONFields: ~Copyable {
    private let names: [JSONValue]
    private let values: [JSONValue]
    private var asked: Set<Int> = []
    private var searchStart = 0
    private let pointer: String
    package private(set) var errors: [FieldError] = []

    /// No answer lists more wrong fields than this, however many there are.
    package static let maximumErrors = 32

    /// `pointer` is where the object stands in its document; empty for the root.
    package init(_ value: JSONValue, pointer: String = "") {
        self.pointer = pointer
        var names: [JSONValue] = []
        var values: [JSONValue] = []
        if value.kind == .object {
            var members = JSONElements(container: value, kind: .object)
            while let name = members.next(), let value = members.next() {
                names.append(name)
                values.append(value)
            }
        } else {
            errors.append(FieldError(pointer: pointer, detail: "must be an object"))
        }
        self.names = names
        self.values = values
    }

    package func pointer(to name: StaticString) -> String { "\(pointer)/\(name)" }

    package mutating func refuse(_ name: StaticString, _ detail: String) {
        errors.append(FieldError(pointer: pointer(to: name), detail: detail))
    }

    package mutating func refuse(_ more: [FieldError]) { errors.append(contentsOf: more) }

    /// The value of a field, nil where it is absent or null.
    package mutating func value(_ name: StaticString) -> JSONValue? {
        // Fields usually come in the order they are asked for, so the search goes on where the last one ended.
        for step in 0..<names.count {
            let candidate = (searchStart + step) % names.count
            guard names[candidate].isString(name), asked.insert(candidate).inserted else { continue }
            searchStart = candidate + 1
            return values[candidate].isNull ? nil : values[candidate]
        }
        return nil
    }

    /// The value of a field through `convert`, which answers nil where it does not take it; `expectation` then
    /// completes the sentence "must be …".
    package mutating func optional<Value>(
        _ name: StaticString, _ expectation: String, _ convert: (JSONValue) -> Value?
    ) -> Value? {
        guard let value = value(name) else { return nil }
        if let converted = convert(value) { return converted }
        refuse(name, "must be \(expectation)")
        return nil
    }

    package mutating func required<Value>(
        _ name: StaticString, _ expectation: String, _ convert: (JSONValue) -> Value?
    ) -> Value? {
        let errorCount = errors.count
        let value = optional(name, expectation, convert)
        if value == nil, errors.count == errorCount { refuse(name, "is required") }
        return value
    }

    /// Throws what was wrong, unknown and repeated fields included.
    package consuming func finish() throws(JSONFailure) {
        var errors = errors
        // Names already told are kept in a set: comparing each with all before it would let one body stall a replica.
        var seen: Set<String> = []
        if asked.count < names.count { seen.formUnion(asked.compactMap { names[$0].string }) }
        for (index, name) in names.enumerated() where !asked.contains(index) {
            guard errors.count < Self.maximumErrors else { break }
            let text = name.string ?? ""
            let isRepeated = !seen.insert(text).inserted
            errors.append(
                FieldError(
                    pointer: "\(pointer)/\(Self.escaped(text))", detail: isRepeated ? "is given twice" : "is not known")
            )
        }
        guard errors.isEmpty else { throw .invalid(errors) }
    }

    /// A name as a reference token of RFC 6901, shortened so that an answer never repeats a huge key.
    package static func escaped(_ name: String) -> String {
        var escaped = ""
        for scalar in name.unicodeScalars.prefix(64) {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
