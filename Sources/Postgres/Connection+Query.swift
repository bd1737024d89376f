import CPostgres

extension Connection {
    /// Prepares a statement the first time it is met, and executes it with its parameters bound in binary.
    package func query(_ sql: SQL) throws(PostgresError) -> Rows {
        let key = StatementCache.Key(text: sql.text, types: sql.parameters.types)
        do throws(PostgresError) {
            return try executePrepared(key, sql.parameters)
        } catch {
            guard isStalePlan(error) else { throw error }
            // A migration changed the table under a prepared statement. Outside a transaction nothing is lost by
            // preparing it anew; inside, the transaction has failed and the next one prepares it.
            statements.remove(key)
            guard PQtransactionStatus(pointer) == PQTRANS_IDLE else { throw error }
            return try executePrepared(key, sql.parameters)
        }
    }

    /// Like `query`, for the number of rows affected.
    @discardableResult package func execute(_ sql: SQL) throws(PostgresError) -> Int {
        try query(sql).affectedCount
    }

    /// Executes several statements separated by semicolons, without parameters; text that is no value from outside.
    ///
    /// They are one transaction, unless the text says `BEGIN`.
    package func executeScript(_ text: String) throws(PostgresError) { _ = try simpleCommand(text) }

    private func executePrepared(_ key: StatementCache.Key, _ values: SQLParameters) throws(PostgresError) -> Rows {
        try checkReady(key.text)
        try values.checkLimits()
        let name = try prepare(key)
        let result = values.withBinary { pointers, lengths, formats in
            exchange { PQsendQueryPrepared(pointer, name, Int32(pointers.count), pointers, lengths, formats, 1) }
        }
        return Rows(try check(result, statement: key.text))
    }

    private func prepare(_ key: StatementCache.Key) throws(PostgresError) -> String {
        if let name = statements.name(for: key) { return name }
        let name = statements.insert(key)
        do throws(PostgresError) {
            let result = exchange { PQsendPrepare(pointer, name, key.text, Int32(key.types.count), key.types) }
            _ = try check(result, statement: key.text)
        } catch {
            statements.remove(key)
            throw error
        }
        try evictStatements()
        return name
    }

    /// Keeps the number of prepared statements within bounds, on the server too.
    func evictStatements() throws(PostgresError) {
        while let name = statements.evict() { _ = try simpleCommand("DEALLOCATE \(name)") }
    }

    /// `cached plan must not change result type` has no SQLSTATE of its own. Whatever else has this one fails again.
    func isStalePlan(_ error: PostgresError) -> Bool {
        error.sqlState == SQLState.featureNotSupported || error.sqlState == SQLState.invalidStatementName
    }
}
