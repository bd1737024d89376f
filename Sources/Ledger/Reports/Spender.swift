import Accounting
import Postgres

/// A feature, a user or a model, and what its calls of a month came to.
package struct Spender: Sendable {
    /// Nil for the calls that name none.
    package let name: String?
    /// Of a model.
    package let provider: String?
    package let calls: Int64
    /// In nanodollars; nil if nothing is known of any of its calls.
    package let cost: Int128?

    init(_ row: Row) throws {
        let name = try row.decode(String.self, named: "name")
        let provider = try row.decode(String.self, named: "provider")
        self.name = name.isEmpty ? nil : name
        self.provider = provider.isEmpty ? nil : provider
        calls = try row.decode(Int64.self, named: "calls")
        cost = try row.decode(Int128?.self, named: "cost")
    }
}
