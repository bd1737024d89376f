/// The inside of a transaction. It cannot be copied, so it cannot outlive the closure it is lent to.
package struct Transaction: ~Copyable {
    private let connection: Connection

    init(connection: Connection) { self.connection = connection }

    /// See `Connection.query`.
    package func query(_ sql: SQL) throws(PostgresError) -> Rows { try connection.query(sql) }

    /// See `Connection.execute`.
    @discardableResult package func execute(_ sql: SQL) throws(PostgresError) -> Int { try connection.execute(sql) }

    /// See `Connection.executeScript`. The text must not end the transaction.
    package func executeScript(_ text: String) throws(PostgresError) { try connection.executeScript(text) }

    /// See `Connection.pipeline`.
    package func pipeline(_ statements: [SQL]) throws(PostgresError) -> [Rows] { try connection.pipeline(statements) }

    /// Runs `body` in a savepoint: if it throws, only its own changes are undone, and the transaction can go on.
    @discardableResult package func savepoint<Value>(_ body: (borrowing Transaction) throws -> Value) throws -> Value {
        _ = try connection.simpleCommand("SAVEPOINT purser")
        let value: Value
        do {
            value = try body(self)
        } catch {
            // This fails only if the connection is lost; the next statement then reports the loss.
            _ = try? connection.simpleCommand("ROLLBACK TO SAVEPOINT purser; RELEASE SAVEPOINT purser")
            throw error
        }
        _ = try connection.simpleCommand("RELEASE SAVEPOINT purser")
        return value
    }
}
