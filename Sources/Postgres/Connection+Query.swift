import CPostgres

extension Connection {
    /// Executes a statement with its parameters bound in binary; prepares the statement at its first use.
    package func query(_ sql: SQL) throws(PostgresError) -> Rows {
        let key = StatementCache.Key(text: sql.text, types: sql.parameters.types)
        do throws(PostgresError) {
            return try executePrepared(key, sql.parameters)
        } catch {
            guard isStalePlan(error) else { throw error }
            // A migration changed a table that the prepared statement uses. Outside a transaction, the statement is
            // prepared again and nothing is lost. Inside one, the transaction has failed, and the next one prepares the
            // statement again.
            statements.remove(key)
            guard PQtransactionStatus(pointer) == PQTRANS_IDLE else { throw error }
            return try executePrepared(key, sql.parameters)
        }
    }

    /// Like `query`, but returns the number of affected rows.
    @discardableResult package func execute(_ sql: SQL) throws(PostgresError) -> Int {
        try query(sql).affectedCount
    }

    /// Executes several statements separated by semicolons, without parameters. The text must not contain values from
    /// outside.
    ///
    /// The statements are one transaction, unless the text contains `BEGIN`.
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

    /// Drops the least recently used statements beyond the cache's capacity, on the server too.
    func evictStatements() throws(PostgresError) {
        while let name = statements.evict() { _ = try simpleCommand("DEALLOCATE \(name)") }
    }

    /// The error `cached plan must not change result type` has no SQLSTATE of its own. Other errors with the same
    /// SQLSTATE fail again when the statement is repeated.
    func isStalePlan(_ error: PostgresError) -> Bool {
        error.sqlState == SQLState.featureNotSupported || error.sqlState == SQLState.invalidStatementName
    }
}
