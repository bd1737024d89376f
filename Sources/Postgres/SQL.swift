/// A statement with its bound parameters, written as a string literal.
///
///     "SELECT name FROM team WHERE id = \(id)"          // binds $1, in binary
///     "… WHERE id = ANY(\(ids))"                          // an array is one parameter
///     "SELECT * FROM \(identifier: name)"               // quoted
///     "… ORDER BY \(unescaped: order)"                    // inserted unchanged: never a value from outside
///
/// No value ever becomes part of the text.
package struct SQL: Sendable {
    /// The text before, between and after the parameters: always one fragment more than there are parameters.
    private var fragments: [String]
    package private(set) var parameters: SQLParameters

    /// A statement without parameters. The text must not contain values from outside.
    package init(unescaped text: String) {
        fragments = [text]
        parameters = SQLParameters()
    }

    /// The statement as the server gets it, with `$1`, `$2`, … for the parameters.
    package var text: String {
        var text = fragments[0]
        for index in 1..<fragments.count {
            text += "$\(index)"
            text += fragments[index]
        }
        return text
    }

    package static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum += right
        return sum
    }

    package static func += (left: inout SQL, right: SQL) {
        left.fragments[left.fragments.count - 1] += right.fragments[0]
        left.fragments += right.fragments.dropFirst()
        left.parameters.append(contentsOf: right.parameters)
    }

    /// Puts an identifier in double quotes and doubles each double quote in it.
    static func quoted(identifier: String) -> String {
        "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension SQL: ExpressibleByStringInterpolation {
    package init(stringLiteral text: String) { self.init(unescaped: text) }
    package init(stringInterpolation: StringInterpolation) { self = stringInterpolation.sql }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql = SQL(unescaped: "")

        package init(literalCapacity: Int, interpolationCount: Int) {
            sql.fragments.reserveCapacity(interpolationCount + 1)
        }

        package mutating func appendLiteral(_ literal: String) { sql.fragments[sql.fragments.count - 1] += literal }

        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            sql.parameters.append(value)
            sql.fragments.append("")
        }

        package mutating func appendInterpolation(identifier: String) {
            appendLiteral(SQL.quoted(identifier: identifier))
        }
        package mutating func appendInterpolation(unescaped text: String) { appendLiteral(text) }
        package mutating func appendInterpolation(sql part: SQL) { sql += part }
    }
}
