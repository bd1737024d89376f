import Foundation
import HummingbirdCore
import JSON

/// The query parameters of a request. Each is one that the route declares, and is given once.
struct QueryParameters: Sendable {
    private static let maximumBytes = 256
    private static let maximumProblems = 10

    private let declared: [String]
    private let values: [String: String]

    /// Throws where a parameter is not among those that the route declares, or is given twice: what is misspelt would
    /// otherwise do nothing, in silence.
    init(_ uri: URI, declared: [String]) throws(Problem) {
        self.declared = declared
        var values: [String: String] = [:]
        var errors: [FieldError] = []
        for (name, value) in uri.queryParameters where errors.count < Self.maximumProblems {
            // Values are decoded already, names are not: `tag:env` may come as `tag%3Aenv`.
            let name = String(name).removingPercentEncoding ?? String(name)
            if !Self.isDeclared(name, declared) || name.utf8.contains(where: { $0 < 0x20 }) {
                errors.append(.query(name, "is not a parameter of this route, which takes \(Self.list(declared))"))
            } else if values[name] != nil {
                errors.append(.query(name, "is given twice"))
            }
            values[name] = String(value)
        }
        guard errors.isEmpty else { throw Problem(query: errors) }
        self.values = values
    }

    /// A name that ends in `:KEY` stands for all that begin with what is before it.
    private static func isDeclared(_ name: String, _ declared: [String]) -> Bool {
        declared.contains { known in
            guard known.hasSuffix(Self.anyKey) else { return known == name }
            let prefix = known.dropLast(Self.anyKey.count - 1)
            return name.hasPrefix(prefix) && name.utf8.count > prefix.utf8.count
        }
    }

    private static let anyKey = ":KEY"

    /// The names of those that are given and begin with `prefix`, sorted.
    func names(beginning prefix: String) -> [String] { values.keys.filter { $0.hasPrefix(prefix) }.sorted() }

    private static func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }

    /// A parameter, decoded; nil where it is absent or empty.
    func callAsFunction(_ name: String, maximumBytes: Int = maximumBytes) throws(Problem) -> String? {
        precondition(Self.isDeclared(name, declared), "the route reads a parameter that it does not declare")
        guard let value = values[name], !value.isEmpty else { return nil }
        guard value.utf8.count <= maximumBytes, value.utf8.allSatisfy({ $0 >= 0x20 }) else {
            throw .query(name, "must be at most \(maximumBytes) printable characters")
        }
        return value
    }

    /// A parameter, converted by `convert`. `expectation` completes the sentence "must be …".
    func callAsFunction<Value>(
        _ name: String, _ expectation: String, maximumBytes: Int = maximumBytes, _ convert: (String) -> Value?
    ) throws(Problem) -> Value? {
        guard let text = try self(name, maximumBytes: maximumBytes) else { return nil }
        guard let value = convert(text) else { throw .query(name, "must be \(expectation)") }
        return value
    }
}

extension Problem {
    static func query(_ name: String, _ detail: String) -> Problem {
        Problem(query: [.query(name, detail)])
    }
}

extension FieldError {
    fileprivate static func query(_ name: String, _ detail: String) -> FieldError {
        FieldError(pointer: "/\(JSONFields.escaped(name))", detail: detail)
    }
}
