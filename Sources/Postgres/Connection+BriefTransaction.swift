/// What a brief transaction sends with its commit, and what is made of the answers.
package struct LastStatements<Value> {
    let statements: any Sequence<SQL>
    let value: ([Rows]) throws -> Value

    /// - Parameter statements: each may be made when it is asked for, while the server works on those before it.
    package init(_ statements: any Sequence<SQL>, _ value: @escaping ([Rows]) throws -> Value) {
        self.statements = statements
        self.value = value
    }
}

extension Connection {
    /// A transaction in two round trips: `first` is sent with its beginning, and what `body` returns with its commit.
    ///
    /// Errors are as those of `transaction`. One that the server reports of a statement before the `COMMIT` means that
    /// nothing was committed, even where the connection ended with it.
    package func briefTransaction<Value>(
        first: [SQL], _ body: (borrowing Transaction, [Rows]) throws -> LastStatements<Value>
    ) throws -> Value {
        try checkMayBegin(readOnly: false)
        let last: LastStatements<Value>
        do {
            for statement in first { try checkSendable(statement) }
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
