import CPostgres

extension Connection {
    /// Loads rows with `COPY … FROM STDIN (FORMAT binary)`; returns how many.
    ///
    /// `table` is a name or `schema.name`. The types of the values must be exactly those of the columns: the binary
    /// format converts nothing. If `body` throws, nothing is loaded and its error is thrown on.
    @discardableResult package func copy(
        into table: String, columns: [String], _ body: (inout CopyWriter) throws -> Void
    ) throws -> Int {
        let name = table.split(separator: ".", maxSplits: 1).map { SQL.quoted(identifier: String($0)) }
        let list = columns.map { SQL.quoted(identifier: $0) }
        let text =
            "COPY \(name.joined(separator: ".")) (\(list.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
        try beginCopy(text)
        do {
            var writer = CopyWriter(connection: self, columnCount: columns.count)
            try body(&writer)
            try writer.finish()
        } catch {
            abandonCopy()
            throw error
        }
        return try endCopy(nil, statement: text).affectedCount
    }

    private func beginCopy(_ text: String) throws(PostgresError) {
        try checkReady(text)
        guard let result = exchange({ PQsendQuery(pointer, text) }) else { throw failure(nil, statement: text) }
        let handle = ResultHandle(result)
        guard handle.status == PGRES_COPY_IN else { throw failure(handle, statement: text) }
        isCopying = true
    }

    /// Tells the server to forget the rows. It answers with an error of class 57, which is what was asked for.
    private func abandonCopy() {
        do throws(PostgresError) {
            _ = try endCopy("given up by the client", statement: "COPY")
        } catch {
            if case .server = error.kind { return }
            isBroken = true
        }
    }

    private func endCopy(_ reason: String?, statement: String) throws(PostgresError) -> Rows {
        defer { isCopying = false }
        guard PQputCopyEnd(pointer, reason) == 1 else { throw lostCopy(statement) }
        return Rows(try check(exchange { 1 }, statement: statement))
    }

    func sendCopy(_ bytes: [UInt8]) throws(PostgresError) {
        let sent = bytes.withUnsafeBytes { buffer in
            PQputCopyData(pointer, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
        }
        flush()
        guard sent == 1, !isBroken else { throw lostCopy("COPY") }
    }

    private func lostCopy(_ statement: String) -> PostgresError {
        let details = withoutSecrets("\(lastMessage); statement: \(statement)")
        isBroken = true
        return PostgresError(.connection, PostgresError.connectionLost, details: details)
    }
}
