import Foundation
import JSON
import Testing

/// The kind of value that a documented field may hold.
indirect enum Shape: Sendable {
    case text, integer, number, flag, list, object, null
    /// A decimal number as text.
    case money
    /// A time in RFC 3339 and UTC.
    case time
    case orNull(Shape)

    func matches(_ value: JSONValue) -> Bool {
        switch self {
        case .text: value.string.map { !$0.isEmpty } ?? false
        case .integer: value.integer != nil
        case .number: value.kind == .number
        case .flag: value.bool != nil
        case .list: value.kind == .array
        case .object: value.kind == .object
        case .null: value.isNull
        case .money: value.string?.wholeMatch(of: /-?[0-9]+(\.[0-9]{1,16})?/) != nil
        case .time:
            value.string?.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z/) != nil
        case .orNull(let shape): value.isNull || shape.matches(value)
        }
    }
}

extension JSONValue {
    /// Expects exactly these fields, each with a value of its shape.
    func expect(
        _ fields: [String: Shape], optional: [String: Shape] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var found: Set<String> = []
        for (name, value) in self.fields {
            #expect(found.insert(name).inserted, "\(name) is there twice", sourceLocation: sourceLocation)
            guard let shape = fields[name] ?? optional[name] else {
                Issue.record("\(name) is not documented: \(source)", sourceLocation: sourceLocation)
                continue
            }
            #expect(shape.matches(value), "\(name) is \(value.source), not \(shape)", sourceLocation: sourceLocation)
        }
        let missing = Set(fields.keys).subtracting(found).sorted()
        #expect(missing.isEmpty, "missing in \(source)", sourceLocation: sourceLocation)
    }

    func text(_ name: StaticString) throws -> String { try #require(self[name]?.string, "\(name) in \(source)") }

    /// An amount of money as a `Decimal`, so that amounts compare by value.
    func money(_ name: StaticString) throws -> Decimal {
        try #require(Decimal(string: text(name)), "\(name) in \(source)")
    }

    func list(_ name: StaticString) throws -> [JSONValue] {
        let list = try #require(self[name], "\(name) in \(source)")
        try #require(list.kind == .array)
        return Array(list.elements)
    }
}
