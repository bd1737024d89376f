/// The statements that a brief transaction sends together with its commit, and the function that makes a value of their
/// results.
package struct LastStatements<Value> {
    let statements: any Sequence<SQL>
    let value: ([Rows]) throws -> Value

    /// - Parameter statements: may be lazy; each is then made while the server works on those before it.
    package init(_ statements: any Sequence<SQL>, _ value: @escaping ([Rows]) throws -> Value) {
        self.statements = statements
        self.value = value
    }
}

extension Connection {
    /// Runs a transaction in two round trips: the first sends `BEGIN` and the statements of `first`, the second sends
    /// the statements that `body` returns and `COMMIT`.
    ///
    /// Throws the same errors as `transaction`. If the server reports an error of a statement before the `COMMIT`,
    /// nothing was committed, even if that error also ended the connection.
    package func briefTransaction<Value>(
        first: [SQL], _ body: (borrowing Transaction, [Rows]) throws -> LastStatements<Value>
    ) throws -> Value {
        try checkMayBegin(readOnly: false)
        let last: LastStatements<Value>
        do {
            let rows = try runPipeline(["BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"] + first)
            last = try body(Transaction(connection: self), Array(rows.dropFirst()))
        } catch {
            rollback()
            throw error
        }
        let rows: [Rows]
        do throws(PostgresError) {
            rows = try runPipeline(last.statements, closing: "COMMIT")
        } catch {
            rollback()
            let isBeforeCommit = error.statementIndex != nil
            guard error.kind == .connection, error.sqlState == nil || !isBeforeCommit else { throw error }
            throw PostgresError(
                .unknownOutcome, PostgresError.unknownCommit, details: error.details, sqlState: error.sqlState)
        }
        try evictStatements()
        return try last.value(Array(rows.dropLast()))
    }
}
