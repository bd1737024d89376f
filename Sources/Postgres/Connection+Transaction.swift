import CPostgres

package enum Isolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
}

extension Connection {
    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
    ///
    /// Rethrows an error of `body` as it is. Errors of the transaction itself are `PostgresError`; every kind but
    /// `.unknownOutcome` means that nothing was committed.
    @discardableResult package func transaction<Value>(
        isolation: Isolation = .readCommitted, readOnly: Bool = false,
        _ body: (borrowing Transaction) throws -> Value
    ) throws -> Value {
        try checkMayBegin(readOnly: readOnly)
        _ = try simpleCommand("BEGIN ISOLATION LEVEL \(isolation.rawValue) \(readOnly ? "READ ONLY" : "READ WRITE")")
        let value: Value
        do {
            value = try body(Transaction(connection: self))
        } catch {
            rollback()
            throw error
        }
        try commit()
        return value
    }

    func checkMayBegin(readOnly: Bool) throws(PostgresError) {
        guard !isInTransaction else { throw PostgresError.usage("a transaction was begun inside another one") }
        // A standby would answer the BEGIN with 0A000, as for a feature that PostgreSQL does not have at all.
        if isOnStandby, !readOnly {
            isBroken = true
            throw PostgresError(
                .connection, "the database server is a standby, which takes no writes",
                sqlState: SQLState.readOnlyTransaction)
        }
    }

    private func commit() throws(PostgresError) {
        switch PQtransactionStatus(pointer) {
        case PQTRANS_INTRANS: break
        case PQTRANS_INERROR:
            rollback()
            throw Self.rolledBack
        case PQTRANS_IDLE: throw .usage("the transaction was ended by a statement inside it")
        default: throw PostgresError(.connection, PostgresError.connectionLost)
        }
        do throws(PostgresError) {
            let result = try simpleCommand("COMMIT")
            // The server answers the COMMIT of a failed transaction with success, but with the tag ROLLBACK.
            guard String(cString: PQcmdStatus(result.pointer)) == "COMMIT" else { throw Self.rolledBack }
        } catch  where error.kind == .connection {
            throw PostgresError(
                .unknownOutcome, PostgresError.unknownCommit, details: error.details, sqlState: error.sqlState)
        }
    }

    /// Rolls the transaction back; gives up the connection if that fails.
    func rollback() {
        guard isUsable, PQtransactionStatus(pointer) != PQTRANS_IDLE else { return }
        do throws(PostgresError) {
            _ = try simpleCommand("ROLLBACK")
        } catch {
            isBroken = true
        }
    }

    private static let rolledBack = PostgresError(
        .server(sqlState: SQLState.inFailedTransaction), SQLState.meaning(of: SQLState.inFailedTransaction),
        sqlState: SQLState.inFailedTransaction)
}
